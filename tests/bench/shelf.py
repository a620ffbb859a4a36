"""Archives for measuring: filled once, kept in build/archive between runs, measured on copies.

A helper makes the records with their tokens, ahead of one process an engine that files them as the portal does
(`batch.load`), each quarter in order of time. A kept archive is filled anew when schema, tokens or texts have changed.
"""

import hashlib
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

import psycopg
from flask import Flask
from sqlalchemy import event, text

from portal.archive import batch, blind
from portal.archive.rules import Paper, quarter_of, token_set
from portal.archive.stores import open_quarter
from portal.kernel import clock, schema
from portal.kernel.db import db, transaction
from tests import builders, stores
from tests.bench import casegen
from tests.bench.quick import CACHE, dialect, gathered
from tests.bench.served import ROOT
from tests.bench.store import make_staff
from tests.services import administer, empty_database, reachable, temporary_postgres

KEPT = ROOT / "build" / "archive"
CASE = 1  # the one case all records belong to: the first of a new store
CHUNK, AHEAD = 1_000, 400  # records of one file of the spool, files that wait to be filed
MOST_TOKENS = 1_000_000
ROOMY, USUAL = 16 << 20, 1 << 20
AT_ONCE = 10_000  # records of one transaction on SQLite; on PostgreSQL a quarter, whose index is made when it is full
STAMP = text("INSERT INTO installation(name, value) VALUES('bench', :said)")
STAMPED = "SELECT value FROM installation WHERE name = 'bench'"
MADE_OF = ("portal/kernel/tokens.py", "portal/kernel/hanzi.py", "portal/archive/rules.py", "tests/bench/casegen.py")


@dataclass(frozen=True)
class Shelf:
    """A filled archive: folder of its data, its address where there is a server, the instant at which it ends."""

    engine: str
    folder: Path
    url: str
    until: datetime


@contextmanager
def shelves(count: int, engines: list[str]) -> Iterator[list[Shelf]]:
    """Archives of this size on these engines, filled where they are not there yet."""
    KEPT.mkdir(parents=True, exist_ok=True)
    if "postgresql" not in engines:
        yield _filled(count, {"sqlite": ""})
        return
    place = _place("postgresql", count)
    place.mkdir(parents=True, exist_ok=True)
    with temporary_postgres(keep=place if reachable(place) else None) as server:
        yield _filled(count, {engine: server if engine == "postgresql" else "" for engine in engines})


@contextmanager
def opened(shelf: Shelf) -> Iterator[Flask]:
    """The portal on a copy of an archive."""
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        if shelf.url:
            server = f"{shelf.url.rsplit('/', 1)[0]}/postgres"
            with empty_database(server, template="archive") as url:
                yield (app := stores.build(Path(folder), url))
                stores.close(app)
        else:
            shutil.copy(shelf.folder / "portal.db", folder)
            yield (app := stores.build(Path(folder)))
            stores.close(app)


def _place(engine: str, count: int) -> Path:
    return KEPT / f"{engine}-{count}"


def _filled(count: int, servers: dict[str, str]) -> list[Shelf]:
    """What is there, after filling together what is not."""
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    found = []
    for engine, server in servers.items():
        place, url = _place(engine, count), f"{server.rsplit('/', 1)[0]}/archive" if server else ""
        found.append(Shelf(engine, place, url, _until(place, url) or now))
    lacking = [shelf for shelf in found if shelf.until == now]
    if lacking:
        fill(count, lacking)
    return found


def _sign() -> str:
    """What a kept archive depends on."""
    parts = [str(schema.wanted()), *((ROOT / name).read_text() for name in MADE_OF)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _until(place: Path, url: str) -> datetime | None:
    """The instant at which a kept archive ends; none where there is none of the present kind."""
    try:
        if url:
            with psycopg.connect(url.replace("+psycopg", "", 1)) as there:
                said = there.execute(STAMPED).fetchone()
        else:
            with closing(sqlite3.connect(f"file:{place / 'portal.db'}?mode=ro", uri=True)) as file:
                said = file.execute(STAMPED).fetchone()
    except (psycopg.Error, sqlite3.Error):
        return None
    until, sign = said[0].split() if said else ("0", "")
    return datetime.fromtimestamp(int(until), UTC) if sign == _sign() else None


def fill(count: int, lacking: list[Shelf]) -> None:
    """Makes these archives together, each by a process of its own."""
    until, begun, children = lacking[0].until, time.monotonic(), []
    with tempfile.TemporaryDirectory(dir=KEPT) as spool:
        try:
            for shelf in lacking:
                folder = Path(spool) / shelf.engine
                folder.mkdir()
                words = [str(count), str(int(until.timestamp())), str(shelf.folder), shelf.url, str(folder)]
                children.append(subprocess.Popen([sys.executable, "-m", "tests.bench.shelf", *words], cwd=ROOT))
            _spool(count, until, [Path(spool) / shelf.engine for shelf in lacking], children)
            for child in children:
                child.wait()
        finally:
            for child in children:
                child.terminate()
    _look(children)
    names, took = " and ".join(shelf.engine for shelf in lacking), time.monotonic() - begun
    print(f"{count:,} records filed on {names} in {took:.0f} s", flush=True)


def _look(children: list[subprocess.Popen[bytes]]) -> None:
    """Raises RuntimeError where a process that files has failed."""
    if any(child.poll() for child in children):
        raise RuntimeError("an archive could not be filled")


def _spool(count: int, until: datetime, folders: list[Path], children: list[subprocess.Popen[bytes]]) -> None:
    """Lets records be made by helpers, not too far ahead of those who file them."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as helpers:
        under_way: deque[Any] = deque()
        for first in range(0, count, CHUNK):
            while any(len(os.listdir(folder)) > AHEAD for folder in folders):
                _look(children)
                time.sleep(0.2)
            under_way.append(helpers.submit(_make, first, count, until, folders))
            if len(under_way) > 8:
                under_way.popleft().result()
        for one in under_way:
            one.result()


def _make(first: int, count: int, until: datetime, folders: list[Path]) -> None:
    """A file of records, their tokens in one line, for each of those who file them."""
    made = islice(casegen.papers(count, CASE, until, first=first), CHUNK)
    said = pickle.dumps([replace(one, spelled=" ".join(token_set(one, one.text))) for one in made])
    for folder in folders:
        new = folder / f"{first}.new"
        new.write_bytes(said)
        new.rename(folder / str(first))


def _spooled(folder: Path, count: int) -> Iterator[Paper]:
    """Records as they come."""
    parent = os.getppid()
    for first in range(0, count, CHUNK):
        file = folder / str(first)
        while not file.exists():
            if os.getppid() != parent:
                raise SystemExit("nobody makes records any more")
            time.sleep(0.05)
        yield from pickle.loads(file.read_bytes())
        file.unlink()


class _Numbers(dict[str, str]):
    """Tokens as PostgreSQL's index spells them, each reckoned once."""

    def __missing__(self, token: str) -> str:
        """Reckons one; what came once only, as numbers do, is let go now and then."""
        if len(self) > MOST_TOKENS:
            self.clear()
        number = crc32(token.encode())
        found = self[token] = str(number - (1 << 32) if number >> 31 else number)
        return found


def _in_numbers(papers: Iterator[Paper]) -> Iterator[Paper]:
    known = _Numbers()
    for one in papers:
        words = (one.spelled or "").split(" ")
        yield replace(one, spelled="{" + ",".join(map(known.__getitem__, words)) + "}")


def _hurried(raw: Any, _record: Any) -> None:
    """No waiting for the disk and no looking up of references while the archive is filled."""
    if isinstance(raw, sqlite3.Connection):
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", f"cache_size=-{CACHE}", "wal_autocheckpoint=20000"):
            raw.execute(f"PRAGMA {pragma}")
    else:
        raw.execute(f"SET session_replication_role = replica; SET maintenance_work_mem = '{2 * CACHE}kB'")
        raw.commit()


def file_all(app: Flask, count: int, until: datetime, papers: Iterator[Paper]) -> None:
    """Staff, a case and all records with the digests of their numbers, as the portal files them; then statistics."""
    stores.fill(app)
    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", _hurried)
        with transaction():
            if builders.make_case(make_staff()["agent"], until).id != CASE:
                raise RuntimeError("the store was not empty")
        if (done := sum(map(_file_some, _lots(papers)))) != count:
            raise RuntimeError(f"{done} of {count} records were filed")
        while blind.catch_up(AT_ONCE):
            pass
        event.remove(db.engine, "connect", _hurried)
        db.session.rollback()
        db.engine.dispose()
        gathered()
        with transaction() as session:
            session.execute(STAMP, {"said": f"{int(until.timestamp())} {_sign()}"})
    stores.close(app)


def _lots(papers: Iterator[Paper]) -> Iterator[Iterable[Paper]]:
    """What is filed in one transaction: on SQLite so many, on PostgreSQL a quarter, its index made when it is full."""
    sqlite = dialect() == "sqlite"
    for quarter, group in groupby(papers if sqlite else _in_numbers(papers), lambda one: quarter_of(one.archived_at)):
        if not sqlite:
            yield group
            continue
        _gather(quarter, ROOMY)
        while some := list(islice(group, AT_ONCE)):
            yield some
        _gather(quarter, USUAL)


def _gather(quarter: str, size: int) -> None:
    """How many bytes of an index FTS5 gathers before it writes: of few large pieces fewer are joined again."""
    with transaction() as session:
        open_quarter(quarter)
        name = f"archive_{quarter}"
        session.execute(text(f"INSERT INTO {name}({name}, rank) VALUES('hashsize', :size)"), {"size": size})


def _file_some(papers: Iterable[Paper]) -> int:
    with transaction():
        return batch.load(papers)


def main(count: int, until: int, folder: Path, url: str, spool: Path) -> None:
    """Fills one archive anew."""
    if url:
        server, name = url.rsplit("/", 1)
        server = f"{server.replace('+psycopg', '', 1)}/postgres"
        administer(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        administer(server, f"CREATE DATABASE {name}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as other:
        app = stores.build(Path(other) if url else folder, url or None)
        file_all(app, count, datetime.fromtimestamp(until, UTC), _spooled(spool, count))
    if not url:  # all of it stands in the one file that is copied
        with closing(sqlite3.connect(folder / "portal.db")) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
