"""Making a store ready to serve: schema, reference data, identity, the way in for the first person."""

import gc
import hashlib
import secrets
from datetime import UTC, datetime

from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.orm import configure_mappers

from portal.archive import order_index, order_records, reindex
from portal.archive.ahead import open_ahead
from portal.cases.models import Case
from portal.clocks import book
from portal.clocks.models import PolicyVersion
from portal.identity import actions, queries
from portal.identity.models import Person, Unit
from portal.identity.seed import UNITS, seed_units
from portal.kernel import clock, schema
from portal.kernel.db import db, transaction
from portal.knowledge import seed as knowledge
from portal.proposals import book as proposals
from portal.workflows import seed as flows

IN_FORCE_SINCE = datetime(2025, 1, 1, tzinfo=UTC)  # old requests that are imported find the shipped policy
DEMO, MADE, SETUP, EPOCH = "demo", "demo_made", "setup", "epoch"


class HalfDemo(RuntimeError):
    """The demo was broken off while it was being made."""


def make_ready() -> None:
    """Migrates the store and adds what every installation starts with; writes nothing when all is there."""
    refuse_unknown_schema()
    schema.bring_up()
    if queries.fact(MADE) == "0":
        raise HalfDemo
    if not _complete():
        with transaction():
            book.seed(IN_FORCE_SINCE)
            seed_units()
            proposals.seed(IN_FORCE_SINCE)
            if not queries.fact(EPOCH):
                actions.set_fact(EPOCH, actions.new_identity())
    approved = book.newest()
    if approved is not None and book.lacking(approved.data):
        with transaction():
            book.complete(clock.now())
    if knowledge.lacking():
        with transaction():
            knowledge.seed(IN_FORCE_SINCE)
    if flows.lacking():
        with transaction():
            flows.seed(IN_FORCE_SINCE, clock.now())
    open_ahead(clock.now())
    reindex.bring_up()
    order_records.bring_up(clock.now())
    order_index.bring_up()


def refuse_unknown_schema() -> None:
    """Raises WrongSchema for a store that a newer program has migrated."""
    here = schema.found()
    known = {step.revision for step in ScriptDirectory(schema.FOLDER).walk_revisions()}
    if here is not None and here not in known:
        raise schema.WrongSchema(
            f"the store is at schema {here}, which this program does not know (it ends at {schema.wanted()});"
            " use the newer program that made it"
        )


def _complete() -> bool:
    codes = set(db.session.scalars(select(Unit.code)))
    policies = db.session.scalar(select(func.count()).select_from(PolicyVersion))
    return bool(queries.fact(EPOCH) and policies and proposals.seeded()) and all(unit[0] in codes for unit in UNITS)


def is_empty() -> bool:
    """Whether the store holds neither people nor cases."""
    return not db.session.scalar(select(Person.id).limit(1)) and not db.session.scalar(select(Case.id).limit(1))


def nobody_yet() -> bool:
    """Whether nobody has an account, so that the first administrator is to be asked for."""
    return not db.session.scalar(select(Person.id).limit(1))


def is_demo() -> bool:
    """Whether the store holds the demonstration."""
    return queries.fact(DEMO) == "1"


def note_demo(made: bool) -> None:
    """Notes that the demo is being made, and then that it is whole."""
    with transaction():
        actions.set_fact(MADE, "1" if made else "0")


def setup_token() -> str:
    """A new one-time key for opening the first administrator's account; the store keeps its SHA-256."""
    token = secrets.token_urlsafe(24)
    with transaction():
        actions.set_fact(SETUP, hashlib.sha256(token.encode()).hexdigest())
    return token


def settle() -> None:
    """For what serves long, before it begins: tables and classes are joined, and the collector leaves what is loaded.

    Either takes a fifth of a second, which would else pass while a first transaction holds the store.
    """
    configure_mappers()
    gc.freeze()
