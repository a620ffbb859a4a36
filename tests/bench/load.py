"""`make load`: hundreds of open queue screens against `portal up`, on SQLite and PostgreSQL: what they cost and see.

One client process with one kept-alive connection a screen, on loopback alone; every run ends by itself.
LOAD_SECONDS (30) is the length of each stretch, LOAD_ENGINES picks engines, LOAD_OPEN (10,000) the open cases.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from portal.identity import actions as people
from portal.identity import session as sessions
from portal.identity.actor import SYSTEM
from portal.jobs import night
from portal.jobs.loop import Worker
from portal.jobs.rules import night_of
from portal.kernel import clock
from portal.kernel.db import db, read, transaction
from portal.kernel.i18n import local
from tests import builders, stores
from tests.bench.filled import cookie
from tests.bench.http import token_of
from tests.bench.loader import load
from tests.bench.screens import Figures, Plan, quantile, watch
from tests.bench.served import ROOT, answering, free_port, resident_mb, running
from tests.bench.store import make_staff, make_templates, spread
from tests.services import empty_database, temporary_postgres

SECONDS = int(os.environ.get("LOAD_SECONDS", 30))
WARM = 20  # seconds before the first stretch: a server just started reads its texts and counts its periods anew
OPEN = int(os.environ.get("LOAD_OPEN", 10_000))
ENGINES = os.environ.get("LOAD_ENGINES", "sqlite postgresql").split()
DEPARTMENTS, PEOPLE = 20, 60
CHANGES, PAGES = 2.0, 10.0  # a second
# screens, seconds between two checks, at most: change seen p95 (s), CPU (% of one core)
RUNS = ((500, 2.0, 2.2, 35.0), (2_000, 5.0, 5.2, 45.0))
BYTES = 100.0  # a second and screen, at 2 s
HEAD = ("engine", "screens", "every s", "CPU %", "web, watch", "ms/screen/min", "B/s/screen", "page p95 ms",
        "write p95 ms", "seen p50 s", "seen p95 s", "PSS MB", "")  # fmt: skip


class Filled(NamedTuple):
    """A store ready to be served: its environment, cookies of screens and of the writer, the cases at the top."""

    env: dict[str, str]
    cookies: list[tuple[str, str]]
    writer: str
    cases: dict[str, list[tuple[int, str]]]


@contextmanager
def filled(url: str | None) -> Iterator[Filled]:
    """A store with open cases in twenty departments and a signed-in browser for each screen."""
    with tempfile.TemporaryDirectory() as folder:
        app = stores.build(Path(folder), url)
        stores.fill(app)
        with app.app_context():
            codes, crew, agent = _fill()
            screens = max(run[0] for run in RUNS)
            with transaction():
                tokens = [sessions.sign_in(crew[n % PEOPLE], clock.now()) for n in range(screens)]
                writer = sessions.sign_in(agent, clock.now())
            cookies = [(codes[n % PEOPLE % DEPARTMENTS], cookie(app, token)) for n, token in enumerate(tokens)]
            cases = {code: _top(code) for code in codes}
            env = {"PORTAL_DATA": folder, "PORTAL_SECRET_KEY": app.config["SECRET_KEY"], "DATABASE_URL": url or ""}
            made = Filled(env, cookies, cookie(app, writer), cases)
            _settle()
        stores.close(app)
        yield made


def _settle() -> None:
    """What the copied deadlines have in store for a first start is told before, and tonight's self-check is over.

    Else the watch is busy with both for minutes, and the screens are blamed for it.
    """
    now = clock.now()
    over = night.Progress(night=night_of(local(now)), done=True)
    with transaction():
        people.set_fact(night.NAME, json.dumps(asdict(over)))
    worker = Worker()
    while worker.tick(now) or worker.learning.steps is not None:
        continue


def _fill() -> tuple[list[str], list[int], int]:
    """Departments, people and cases: the departments' codes, a crew spread over them, and the agent who writes."""
    now = datetime.fromtimestamp(clock.millis() // 1000 - 4 * 86_400, UTC)
    with transaction():
        units = [people.add_unit(SYSTEM, f"team{n}", f"第{n}处理组") for n in range(DEPARTMENTS)]
        codes, ids = [unit.code for unit in units], [unit.id for unit in units]
        crew = [
            builders.make_person(role="handler", unit=codes[n % DEPARTMENTS], login=f"crew{n}", name="陈浩").id
            for n in range(PEOPLE)
        ]
        staff = make_staff()
        kinds = make_templates(staff, now)
    load(kinds, spread(OPEN, len(kinds), ids))
    with transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")
    return codes, crew, staff["agent"].id


def _top(code: str) -> list[tuple[int, str]]:
    """Id and number of the cases on the first page of a department's queue."""
    condition = "open = 1" if db.engine.dialect.name == "sqlite" else "open"
    found = read(
        f"SELECT id, no FROM cases WHERE {condition} AND unit_id = (SELECT id FROM unit WHERE code = :code)"
        " ORDER BY press, id LIMIT 50",
        {"code": code},
    )
    return [(row[0], row[1]) for row in found]


@contextmanager
def up(env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """`portal up` with its two workers and its deadline watch: (process id, port)."""
    port = free_port()
    with running("-m", "portal.cli", "up", "--port", str(port), env=env | {"PYTHONPATH": str(ROOT)}) as pid:
        answering(port, "/healthz")
        yield pid, port


def measured(plan: Plan) -> tuple[Figures, float]:
    """One stretch: what the screens saw, and the server's CPU in per cent of one core."""
    figures = asyncio.run(watch(plan))
    return figures, sum(figures.cpu.values()) / figures.seconds * 100


def stretch(engine: str, store: Filled) -> list[dict[str, Any]]:
    """The runs of one engine, each against a server of its own, after a stretch without screens."""
    rows = []
    for screens, every, seen, most in RUNS:
        with up(store.env) as (pid, port):
            token, writer = token_of(port, f"/cases/{store.cases['team0'][0][1]}", store.writer)
            plan = Plan(port, [], every, SECONDS, store.cases, writer, token, CHANGES, PAGES, pid)
            measured(plan._replace(seconds=WARM))
            alone, base = measured(plan)
            found, cpu = measured(plan._replace(screens=store.cookies[:screens]))
            row: dict[str, Any] = {
                "engine": engine, "screens": screens, "every": every, "cpu": cpu, "cpu_alone": base,
                "ms_screen_minute": (cpu - base) * 600 / screens, "bytes": found.bytes / found.seconds / screens,
                "content": found.content / found.seconds / screens,
                "parts": {kind: used / found.seconds * 100 for kind, used in found.cpu.items()},
                "page_p95": quantile(found.pages, 95) * 1e3, "page_p95_alone": quantile(alone.pages, 95) * 1e3,
                "write_p95": quantile(found.writes, 95) * 1e3, "seen_p50": quantile(found.seen, 50),
                "seen_p95": quantile(found.seen, 95), "unseen": found.unseen, "changes": len(found.writes),
                "failed": found.failed, "pss": resident_mb(pid), "seconds": SECONDS, "open": OPEN,
            }  # fmt: skip
            targets = {"seen_p95": seen, "cpu": most} | ({"bytes": BYTES} if every == 2 else {})
            row["missed"] = [name for name, limit in targets.items() if row[name] > limit] + ["failed"] * bool(
                found.failed
            )
            rows.append(row)
    return rows


def told(row: dict[str, Any]) -> list[str]:
    """One line of the table."""
    verdict = "met" if not row["missed"] else "MISSED: " + ", ".join(row["missed"])
    return [row["engine"], str(row["screens"]), f"{row['every']:.0f}", f"{row['cpu']:.1f} ({row['cpu_alone']:.1f})",
            f"{row['parts']['web']:.1f}, {row['parts']['watch']:.1f}", f"{row['ms_screen_minute']:.1f}",
            f"{row['bytes']:.0f} ({row['content']:.0f})",
            f"{row['page_p95']:.0f} ({row['page_p95_alone']:.0f})", f"{row['write_p95']:.0f}", f"{row['seen_p50']:.2f}",
            f"{row['seen_p95']:.2f}", f"{row['pss']:.0f}", verdict]  # fmt: skip


def main() -> None:
    """Measures, prints the table, appends to build/load.json."""
    wanted = max(run[0] for run in RUNS) + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted * 2, hard), hard))
    rows: list[dict[str, Any]] = []
    if "sqlite" in ENGINES:
        with filled(None) as store:
            rows += stretch("sqlite", store)
    if "postgresql" in ENGINES:
        with temporary_postgres() as server, empty_database(server) as url, filled(url) as store:
            rows += stretch("postgresql", store)
    lines = [list(HEAD), *map(told, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    for line in lines:
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))
    print(f"In brackets: without screens; of the bytes those of bodies. {OPEN:,} open cases,"
          f" {DEPARTMENTS} departments, {CHANGES:g} changes and {PAGES:g} pages a second;"
          " PostgreSQL's own processes are not in its CPU.")  # fmt: skip
    busy = os.getloadavg()[0]
    if busy > 1.5:
        print(f"The machine's load is {busy:.1f}: take the figures when it is quiet.", file=sys.stderr)
    out = ROOT / "build" / "load.json"
    out.parent.mkdir(exist_ok=True)
    known = json.loads(out.read_text()) if out.exists() else []
    out.write_text(json.dumps([*known, {"at": clock.millis() // 1000, "load": busy, "rows": rows}], indent=1))


if __name__ == "__main__":
    main()
