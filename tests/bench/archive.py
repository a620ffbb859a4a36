"""`make bench-archive`: the archive at many cases on both engines, every figure beside its target.

BENCH_ARCHIVE records (default 20,000; BENCH_FULL=1: a million); building stops after BENCH_SECONDS (default 120) an
engine, and the table says how many there were. Reading is measured as ratio to twenty rows by random number.
"""

import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask

from portal.archive import batch, counts
from portal.archive.queries import Search, fits, hits, page
from portal.archive.rules import Paper
from portal.archive.stores import quarters
from portal.identity import session as sessions
from portal.journal import stream
from portal.kernel import clock, tokens
from portal.kernel.db import db, read, transaction
from tests import builders, stores
from tests.bench import chain
from tests.bench.casegen import papers
from tests.bench.filled import cookie
from tests.bench.served import TICKS, resident_mb, served
from tests.bench.store import make_staff
from tests.services import empty_database, temporary_postgres

FULL = os.environ.get("BENCH_FULL") == "1"
MANY = 1_000_000 if FULL else int(os.environ.get("BENCH_ARCHIVE", 20_000))
SECONDS = float(os.environ.get("BENCH_SECONDS", 36_000 if FULL else 120))
PART, SINGLE, TIMES = 1_000, 100, 9
KINDS: dict[str, tuple[str, ...]] = {
    "common words": ("退款", "宽带", "客户", "专线"),
    "rare words": ("于敏", "苏霞", "鑫宇", "晨琪"),
    "four characters": ("资源核查", "现场勘查", "重复扣费", "频繁掉线"),
    "one character": ("网", "退", "雪", "袁"),
    "names": ("王伟", "赵婷雪", "梁勇", "青岛"),
    "telephone fragments": ("1380", "138", "0013", "9999"),
    "numbers": ("dd0012", "CS2601", "0000100", "0000200"),
    "two words": ("退款 宽带", "客户 断网", "发票 邮箱", "割接 光纤"),
    "mixed scripts": ("vpn业务", "sd-wan", "erp业务", "cdn断网"),
    "phrases": ("“宽带业务断网”", "“已联系客户”", "“专线业务割接”", "“来电反映短信业务”"),
    "left out": ("退款 -宽带", "客户 -vpn", "网 -断网", "发票 -邮箱"),
    "no hit": ("冰箱门", "99999999999", "zzzz", "猫狗猪牛"),
}
FILTER: dict[str, Any] = {"chosen": (("level", ("P3", "P4")), ("department", ("3", "4")))}
AT_MOST = {"common words": 2.0, "no hit": 10.0}  # floors; all others 6


@dataclass
class Row:
    """A figure and its limit; `least`: the limit is to be reached, not kept below."""

    name: str
    value: float
    limit: float
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.value >= self.limit if self.least else self.value <= self.limit


def search_of(query: str, **more: Any) -> Search:
    """A query of the list as a search."""
    left_out = [part[1:] for part in query.split(" ") if part.startswith("-")]
    wanted = query if not left_out else " ".join(part for part in query.split(" ") if not part.startswith("-"))
    return Search(terms=tokens.terms(wanted), excluded=tokens.terms(" ".join(left_out)), **more)


def passed() -> float:
    """Seconds by which work is told: the processor's where the store is in the process, else the clock's."""
    return time.process_time() if db.engine.dialect.name == "sqlite" else time.perf_counter()


def spent(call: Callable[[], Any], times: int = TIMES) -> float:
    """The least milliseconds of some calls after a first one: warm, and other work on the machine counts little."""
    call()
    found = []
    for _ in range(times):
        begun = passed()
        call()
        found.append((passed() - begun) * 1e3)
    return min(found)


def server() -> float:
    """Processor seconds that the server's part of this connection has used; none where there is no server."""
    if db.engine.dialect.name == "sqlite":
        return 0.0
    pid = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def built(engine: str, case_id: int, now: datetime) -> tuple[int, list[float]]:
    """Files the archive, each record with an entry of its journal; how many there were in time, and their rates.

    Records a processor second, the server's among them: what one core does.
    """
    waiting, done, rates = papers(MANY, case_id, now), 0, []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and (some := list(islice(waiting, PART))):
        begun = time.process_time()
        with transaction():
            before = server()
            for one in some:
                chained(one, now)
            batch.load(some)
            served_by = server() - before
        rates.append(len(some) / (time.process_time() - begun + served_by))
        done += len(some)
    with transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")
    return done, rates


def chained(one: Paper, now: datetime) -> None:
    """What a legacy record says, as the one entry of a journal."""
    facts = {"no": one.no, "title": one.title, "customer": one.customer_name, "text": one.text[-400:]}
    stream.append(f"legacy:{one.no}", "TakenOver", facts, by_id=0, at=now)


def measure(engine: str, results: list[Row]) -> int:
    """All figures of the engine the application is on; how many records there were."""
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    with transaction():
        staff = make_staff()
        case = builders.make_case(staff["agent"], now)
        case_id = case.id
    done, rates = built(engine, case_id, now)
    least = 500.0 if engine == "postgresql" else 800.0
    results.append(Row("import, index and journal, records a second of one core", median(rates), least, least=True))
    pages(engine, results)
    counting(engine, results)
    singles(results, case_id, now, done)
    truth(results)
    chain.measure(results, Row, staff)
    return done


def pages(engine: str, results: list[Row]) -> None:
    """The first page of each kind, with and without filters, in floors: twenty rows by random numbers."""
    draw, slack = random.Random(1), 5.0 if engine == "postgresql" else 1.0
    places = {code: [row[0] for row in read("SELECT place FROM archived WHERE quarter = :q", {"q": code})]
              for code in quarters()}  # fmt: skip
    code = max(places, key=lambda name: len(places[name]))
    floor = spent(lambda: hits(code, draw.sample(places[code], 20)), 60)
    results.append(Row("floor: 20 rows by random number, ms", floor, 1e9))
    for kind, queries in KINDS.items():
        for said, more in (("", {}), (", filters", FILTER)):
            worst = max(spent(partial(page, search_of(query, **more))) for query in queries) / floor
            results.append(Row(f"first page, {kind}{said}, floors", worst, AT_MOST.get(kind, 6.0) * slack))


def counting(engine: str, results: list[Row]) -> None:
    """Counts and facets together, as the second part of the page asks for them; and the scan they take the place of."""
    slack = 5.0 if engine == "postgresql" else 1.0
    asked = [search_of(query) for queries in KINDS.values() for query in queries]
    found = [spent(partial(counts.counts, search), 3) for search in asked]
    results.append(Row("count and seven facets, median, ms", median(found), 100 * slack))
    results.append(Row("count and seven facets, worst, ms", max(found), 300 * slack))
    scan = "SELECT count(*) FROM archived_text WHERE text LIKE :said"
    slow = spent(lambda: read(scan, {"said": "%于敏%"}), 1)
    quick = spent(lambda: counts.counts(search_of("于敏")), 5)
    target = 500.0 if FULL else 5.0
    results.append(Row("count of a rare word, times quicker than LIKE", slow / quick, target, least=True))


def singles(results: list[Row], case_id: int, now: datetime, done: int) -> None:
    """Filing one record at a time, each its own transaction."""
    spans = []
    for one in papers(done + SINGLE, case_id, now, first=done):
        begun = passed()
        with transaction():
            batch.load([one])
        spans.append((passed() - begun) * 1e3)
    spans.sort()
    results.append(Row("file one record, index included, p50 ms", spans[len(spans) // 2], 1.0))
    results.append(Row("file one record, index included, p95 ms", spans[int(len(spans) * 0.95)], 20.0))


def truth(results: list[Row]) -> None:
    """How many first pages differ from what reading the texts gives, newest first."""
    wrong = 0
    for queries in KINDS.values():
        for query in queries:
            search = search_of(query)
            expected = list(islice(walked(search), 20))
            wrong += [hit.row.id for hit in page(search).hits] != expected
    results.append(Row("first pages that are not the truth, of 48", float(wrong), 0.0))


def walked(search: Search) -> Iterator[int]:
    """The hits of a search by reading text after text."""
    for code in quarters():
        places = [
            row[0] for row in read("SELECT place FROM archived WHERE quarter = :q ORDER BY place DESC", {"q": code})
        ]
        for start in range(0, len(places), 500):
            yield from (
                hit.row.id for hit in hits(code, places[start : start + 500]) if fits(search, hit.row, hit.text)
            )


def exported(app: Flask, results: list[Row], staff_login: str, done: int) -> None:
    """Memory of the web processes while everything leaves as CSV."""
    with app.app_context(), transaction():
        token = sessions.sign_in(builders.people.actor_by_login(staff_login).id, clock.now())
    env = {"PORTAL_DATA": str(app.config["PORTAL"].data), "PORTAL_SECRET_KEY": app.config["SECRET_KEY"],
           "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"]}  # fmt: skip
    if env["DATABASE_URL"].startswith("sqlite"):
        env["DATABASE_URL"] = ""
    with served("app:app", env, "/healthz") as (pid, port):
        most, rows = chain.fetched(port, "/archive/export.csv", cookie(app, token), lambda: resident_mb(pid))
    results.append(Row(f"web processes (2) while {rows:,} records leave, MB", most, 300.0 + 150.0))


@contextmanager
def applications() -> Iterator[Iterator[tuple[str, Flask]]]:
    """The portal on either engine, one after the other."""

    def each() -> Iterator[tuple[str, Flask]]:
        with tempfile.TemporaryDirectory() as folder:
            yield "sqlite", stores.build(Path(folder))
        with temporary_postgres() as server, empty_database(server) as url, tempfile.TemporaryDirectory() as folder:
            yield "postgresql", stores.build(Path(folder), url)

    yield each()


def main() -> None:
    """Prints the table and keeps it in build/bench-archive.json; ends with 0 whatever was met."""
    kept = {}
    with applications() as apps:
        for engine, app in apps:
            results: list[Row] = []
            stores.fill(app)
            counts.forget()
            with app.app_context():
                done = measure(engine, results)
            exported(app, results, "bench_supervisor", done)
            stores.close(app)
            kept[engine] = {"records": done, "rows": {row.name: [row.value, row.limit] for row in results}}
            print(f"\n{engine}, {done:,} records")
            for row in results:
                limit = "" if row.limit >= 1e9 else f"{'at least' if row.least else 'at most'} {row.limit:10,.1f}"
                said = "" if row.limit >= 1e9 else "met" if row.met else "MISSED"
                print(f"  {row.name:58} {row.value:12,.2f} {limit:22} {said}")
    Path("build").mkdir(exist_ok=True)
    Path("build/bench-archive.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
