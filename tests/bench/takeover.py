"""What taking over another system's archive costs: records a second by the clock, both cores, index, chain, document.

`python -m tests.bench.takeover`: BENCH_LEGACY rows (default 10,000) an engine.
"""

import csv
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from portal.archive import legacy
from portal.archive.legacy_rules import Options
from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.i18n import local
from tests import stores
from tests.bench.casegen import papers
from tests.services import empty_database, temporary_postgres

MANY = int(os.environ.get("BENCH_LEGACY", 10_000))
HEAD = ("no", "closed_at", "title", "description", "customer_name", "contact", "level", "channel", "department")
OPTIONS = Options(columns={name: name for name in HEAD}, source="bench", words={("channel", "x"): "web"})


@contextmanager
def applications() -> Iterator[Iterator[tuple[str, Flask]]]:
    """The portal on either engine, one after the other."""

    def each() -> Iterator[tuple[str, Flask]]:
        with tempfile.TemporaryDirectory() as folder:
            yield "sqlite", stores.build(Path(folder))
        with temporary_postgres() as server, empty_database(server) as url, tempfile.TemporaryDirectory() as folder:
            yield "postgresql", stores.build(Path(folder), url)

    yield each()


def sheet(path: Path, rows: int, now: datetime) -> Path:
    """A file of records like those of the bench, in no order of time."""
    with path.open("w", encoding="utf-8", newline="") as out:
        file = csv.writer(out)
        file.writerow(HEAD)
        for one in papers(rows, 1, now):
            text = one.text.split("\n", 6)[6]
            file.writerow([
                f"LG-{one.no}", f"{local(one.archived_at):%Y-%m-%d %H:%M:%S}", one.title, text, one.customer_name,
                one.contact, one.level, one.channel, "service",
            ])  # fmt: skip
    return path


def measured(folder: Path, rows: int = MANY) -> tuple[float, float, float]:
    """(records a second by the clock, milliseconds of processor a record in this process, and in its helpers)."""
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    file = sheet(folder / "legacy.csv", rows, now)
    begun, own, helped = time.perf_counter(), time.process_time(), sum(os.times()[2:4])
    done = legacy.run(file, OPTIONS, SYSTEM, now, dry_run=False)
    spent, own, helped = time.perf_counter() - begun, time.process_time() - own, sum(os.times()[2:4]) - helped
    if done.added != rows:
        raise RuntimeError(f"{done.added} rows came in: {done.refused[:3]}")
    return rows / spent, own / rows * 1e3, helped / rows * 1e3


def main() -> None:
    """This figure alone."""
    with applications() as apps:
        for engine, app in apps:
            stores.fill(app)
            with app.app_context(), tempfile.TemporaryDirectory() as folder:
                found, own, helped = measured(Path(folder))
            stores.close(app)
            print(
                f"{engine:11} {MANY:,} records: {found:,.0f} a second by the clock at a load of"
                f" {os.getloadavg()[0]:.1f}; processor {own:.2f} ms a record, its helpers {helped:.2f} ms"
            )


if __name__ == "__main__":
    main()
