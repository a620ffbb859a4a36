"""Checks that no journal was altered: every stream's chain and every body's commitment."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.archive import access_seals
from portal.journal.models import Entry, Stream
from portal.journal.proof import Verification
from portal.journal.stream import faults
from portal.kernel import schema
from portal.kernel.db import db, read

BATCH = 200
CASE = "SELECT 1 FROM cases WHERE id = :id"
ORDER = "SELECT 1 FROM work_order WHERE no = :no"
GONE = "SELECT 1 FROM journal WHERE stream = :stream AND n > :n AND kind = 'Disposed' LIMIT 1"
KEPT = "journal_body_kept"  # lets go of what a case or order says only for a disposal by two people
GUARDED = ("journal", "journal_seal", "archive_access")
GUARDS = {
    "sqlite": {f"{table}_no_{what}" for table in GUARDED for what in ("delete", "replace", "update")} | {KEPT},
    "postgresql": {f"{table}_no_{what}" for table in GUARDED for what in ("change", "truncate")} | {KEPT},
}


def tampered() -> Iterator[tuple[str, int, str]]:
    """Where chains do not hold: stream, entry number, what (chain, body or head)."""
    last = ""
    while True:
        heads = select(Stream.stream).where(Stream.stream > last)
        names = heads.union(select(Entry.stream).where(Entry.stream > last)).order_by("stream")
        batch = list(db.session.scalars(names.limit(BATCH)))
        if not batch:
            return
        yield from faults(batch)
        last = batch[-1]
        db.session.expunge_all()


def whole(run: Verification) -> Iterator[None]:
    """A verification with the triggers looked at first; a step is a bounded piece."""
    for name in missing_guards():
        run.fault("guard", name)
    yield from run.steps()
    for stream, entry in undisposed(run.erased_in):
        run.fault("erased", stream, entry)
    yield
    if not run.since:
        for entry in access_seals.faults():
            if entry:
                run.fault("looks", access_seals.STREAM, entry)
            yield


def undisposed(erased: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Of journals of cases and orders with erased entries those without one behind that names the certificate."""
    for stream, last in erased.items():
        room, _, number = stream.partition(":")
        case = room == "case" and number.isdigit() and read(CASE, {"id": int(number)})
        order = room == "order" and read(ORDER, {"no": number})
        if (case or order) and not read(GONE, {"stream": stream, "n": last}):
            yield stream, last


def missing_guards() -> list[str]:
    """The triggers that keep the journal append-only and are not there."""
    return sorted(GUARDS[db.engine.dialect.name] - set(schema.guards()))
