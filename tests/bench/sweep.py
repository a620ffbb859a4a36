"""What the deadline watch costs: an empty look at many open cases, and ten thousand clocks that cross at once."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.jobs.watch import look
from portal.kernel import clock
from portal.kernel.db import db, transaction
from tests import stores
from tests.bench.loader import load
from tests.bench.store import make_staff
from tests.builders import judged_case
from tests.services import empty_database, temporary_postgres

CROSSING = 10_000
FAR = 4_000_000_000
ROOT = Path(__file__).resolve().parents[2]
EMPTY = "empty sweep at {:,} open, {}"
ALL_TOLD, LONGEST_WRITE = "10,000 clocks cross at once, all told, {}", "longest write meanwhile, {}"
LIMITS = {"sqlite": 1.0, "postgresql": 5.0}
WORKER = """
import sys, time
from datetime import UTC, datetime
from portal.factory import create_app
from portal.jobs.prepare import settle
from portal.jobs.watch import look
with create_app().app_context():
    settle()
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    told = look(datetime.fromtimestamp(int(sys.argv[1]), UTC))
    print(told, time.perf_counter() - begun, flush=True)
"""


def targets(many: int) -> dict[str, float]:
    """The rows of the table with their limits: milliseconds, seconds, milliseconds."""
    found: dict[str, float] = {}
    for engine, limit in LIMITS.items():
        found |= {EMPTY.format(many, engine): limit, ALL_TOLD.format(engine): 10.0, LONGEST_WRITE.format(engine): 250.0}
    return found


def unit(name: str) -> str:
    """In what a row of this module is measured; nothing for other rows."""
    return "ms" if name.startswith(("empty sweep", "longest write")) else "s" if "cross at once" in name else ""


def measure(results: dict[str, float], many: int) -> None:
    """Both engines, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        _measure_one(results, many, Path(folder), None)
    with temporary_postgres() as server, empty_database(server) as url, tempfile.TemporaryDirectory() as folder:
        _measure_one(results, many, Path(folder), url)


def _measure_one(results: dict[str, float], many: int, folder: Path, url: str | None) -> None:
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    with filled(folder, url, many, now) as (_app, staff, busy):
        engine = db.engine.dialect.name
        look(now)
        spans = [_span(now) for _ in range(200)]
        results[EMPTY.format(many, engine)] = sorted(spans)[100] * 1e3
        told, seconds, longest = crossing(folder, url, now, staff, busy)
        if told != CROSSING or _people_told() != 2 * CROSSING:
            raise RuntimeError(f"{told} clocks and {_people_told()} told instead of {CROSSING} and twice as many")
        results[ALL_TOLD.format(engine)], results[LONGEST_WRITE.format(engine)] = seconds, longest * 1e3


def _span(now: datetime) -> float:
    begun = time.perf_counter()
    look(now)
    return time.perf_counter() - begun


def _people_told() -> int:
    db.session.rollback()
    found: int = db.session.execute(text("SELECT count(*) FROM told WHERE kind = 'due'")).scalar_one()
    return found


@contextmanager
def filled(folder: Path, url: str | None, many: int, now: datetime) -> Iterator[tuple[Flask, dict[str, Any], int]]:
    """A store with many open cases in which nothing is due, ten thousand of them with a clock; and one to work on."""
    app = stores.build(folder, url)
    stores.fill(app)
    with app.app_context():
        with transaction():
            staff = make_staff()
            made = [
                judged_case(staff["agent"], staff["supervisor"], level="P2", now=now, unit="tech", channel="email").id
                for _ in range(2)
            ]
            together.claim(staff["handler"], now, db.session.get_one(Case, made[0]))
        with transaction() as session:
            session.execute(
                text("UPDATE clock SET outcome = 'met' WHERE kind <> 'result' AND case_id = :c"), {"c": made[0]}
            )
            session.execute(text("UPDATE cases SET notice_at = :far"), {"far": FAR})
        load(made[:1], ((0, 0, {}) for _ in range(CROSSING)), journal=False)
        load(made[:1], ((0, 0, {}) for _ in range(many - CROSSING)), clocks=False, journal=False)
        with transaction() as session:
            session.connection().exec_driver_sql("ANALYZE")
        yield app, staff, made[1]
    stores.close(app)


def crossing(
    folder: Path, url: str | None, now: datetime, staff: dict[str, Any], busy: int
) -> tuple[int, float, float]:
    """A worker process tells ten thousand clocks while this one writes notes; clocks, seconds, longest note."""
    due = {"now": int(now.timestamp()), "most": busy + CROSSING, "busy": busy}
    with transaction() as session:
        session.execute(
            text("UPDATE clock SET due_at = :now, warn_at = NULL, told_step = 0 WHERE outcome = 'running'"
                 " AND kind = 'result' AND case_id > :busy AND case_id <= :most"), due
        )  # fmt: skip
        session.execute(text("UPDATE cases SET notice_at = :now WHERE id > :busy AND id <= :most"), due)
    environment = os.environ | {"PORTAL_DATA": str(folder), "PYTHONPATH": str(ROOT), "DATABASE_URL": url or ""}
    command = [sys.executable, "-c", WORKER, str(int(now.timestamp()))]
    worker = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdout.readline()
    worker.stdin.write("\n")
    worker.stdin.flush()
    longest = _write_until(worker, staff["agent"], now, busy)
    told, seconds = worker.stdout.read().split()
    worker.wait()
    return int(told), float(seconds), longest


def _write_until(worker: "subprocess.Popen[str]", agent: Any, now: datetime, busy: int) -> float:
    """Writes notes until the worker has ended; the longest one."""
    spans = []
    while worker.poll() is None:
        begun = time.perf_counter()
        with transaction():
            cases.note(agent, now + timedelta(seconds=1), db.session.get_one(Case, busy), text="客户再次来电询问进展")
        spans.append(time.perf_counter() - begun)
        time.sleep(0.02)
    return max(spans)


def main() -> None:
    """The rows of the watch alone."""
    many = int(os.environ.get("BENCH_MANY", 100_000))
    results: dict[str, float] = {}
    measure(results, many)
    for name, limit in targets(many).items():
        print(f"{name:62} {results[name]:8.2f} at most {limit:6.1f}")


if __name__ == "__main__":
    main()
