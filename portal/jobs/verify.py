"""Checks that no journal was altered: every stream's chain and every body's commitment."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.archive import access_seals
from portal.journal.models import Entry, Stream
from portal.journal.proof import Verification
from portal.journal.stream import faults
from portal.kernel import schema
from portal.kernel.db import db

BATCH = 200
GUARDED = ("journal", "journal_seal", "archive_access")
GUARDS = {
    "sqlite": {f"{table}_no_{what}" for table in GUARDED for what in ("delete", "replace", "update")},
    "postgresql": {f"{table}_no_{what}" for table in GUARDED for what in ("change", "truncate")},
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
    if not run.since:
        for entry in access_seals.faults():
            if entry:
                run.fault("looks", access_seals.STREAM, entry)
            yield


def missing_guards() -> list[str]:
    """The triggers that keep the journal append-only and are not there."""
    return sorted(GUARDS[db.engine.dialect.name] - set(schema.guards()))
