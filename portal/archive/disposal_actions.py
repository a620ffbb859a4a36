"""Disposal by two people (AR5): one proposes what is due, another approves or refuses; the worker does it."""

from datetime import datetime
from typing import Any

from portal.archive import keeping_rules as rules
from portal.archive.disposals import due, items
from portal.archive.holds import STREAM, held, held_order
from portal.archive.keeping_models import Disposal, DisposalItem, DisposalOrder, RetentionClass
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing, Refused
from portal.notices.tell import tell


def propose(actor: Actor, now: datetime, *, reason: str) -> Disposal:
    """Everything that is due and not held, as one batch. Raises Invalid when there is nothing."""
    allow(actor, "disposal.propose")
    why, found = rules.reason_of(reason), due(now)
    cases = [(row, at) for row, at in found.cases if not held(row.case_id)]
    orders = [(row, at) for row, at in found.orders if not held_order(row.order_id)]
    count, kept = len(cases) + len(orders), len(found) - len(cases) - len(orders)
    if not count:
        raise Invalid("nothing_due", field="reason", held=kept)
    batch = Disposal(state="proposed", reason=why, proposed_by=actor.id, proposed_at=now)
    db.session.add(batch)
    db.session.flush()
    db.session.add_all(DisposalItem(case_id=row.case_id, **_waiting(batch, row, at)) for row, at in cases)
    db.session.add_all(DisposalOrder(order_id=row.order_id, **_waiting(batch, row, at)) for row, at in orders)
    facts = {"batch": batch.code, "count": count, "held": kept, "reason": why}
    stream.append(STREAM, "DisposalProposed", facts, by_id=actor.id, at=now)
    deciders = {one for role in ("security", "management") for one in people.holders(role)} - {actor.id}
    key = f"disposal:{batch.id}"
    tell(deciders, "disposal_proposed", subject=key, key=key, facts={"no": batch.code}, now=now)
    return batch


def _waiting(batch: Disposal, row: Any, at: datetime) -> dict[str, Any]:
    """The facts of a record's line in a batch."""
    return {
        "disposal_id": batch.id, "no": row.no, "archived_at": row.archived_at, "due_at": at, "state": "waiting",
    }  # fmt: skip


def approve(actor: Actor, now: datetime, batch_id: int, *, words: str) -> None:
    """Somebody else lets a batch go; the worker then erases record by record. Raises Refused."""
    allow(actor, "disposal.approve")
    _decided(actor, now, batch_id, "approved", words.strip())


def refuse(actor: Actor, now: datetime, batch_id: int, *, words: str) -> None:
    """Nothing of the batch is disposed of; its records may be proposed again."""
    allow(actor, "disposal.approve")
    batch = _decided(actor, now, batch_id, "refused", rules.reason_of(words, "words"))
    for item in items(batch.id):
        item.state = "kept"


def note_refused(actor: Actor, now: datetime, batch_id: int, why: str) -> None:
    """Keeps an attempt that was refused, after the refusal has undone everything else."""
    allow(actor, "disposal.view")
    facts = {"batch": f"XH{batch_id:05d}", "why": why}
    stream.append(STREAM, "DisposalAttemptRefused", facts, by_id=actor.id, at=now)


def batch_by_id(actor: Actor, batch_id: int) -> Disposal:
    """A batch. Raises Missing."""
    allow(actor, "disposal.view")
    batch = db.session.get(Disposal, batch_id)
    if batch is None:
        raise Missing("not_found")
    return batch


def set_months(actor: Actor, now: datetime, code: str, *, months: str) -> None:
    """How long a class is kept from now on; never less than two years. Raises Invalid, Refused."""
    allow(actor, "retention.edit")
    row = db.session.get(RetentionClass, code, with_for_update=True)
    if row is None:
        raise Refused("not_found")
    was, row.months = row.months, rules.months_of(months.strip())
    facts = {"class": code, "months": row.months, "was": was}
    stream.append(STREAM, "MonthsSet", facts, by_id=actor.id, at=now)


def _decided(actor: Actor, now: datetime, batch_id: int, state: str, words: str) -> Disposal:
    batch = db.session.get(Disposal, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise Missing("not_found")
    rules.decide(batch, actor.id)
    batch.state, batch.decided_by, batch.decided_at, batch.words = state, actor.id, now, words
    facts = {"batch": batch.code, "words": words}
    stream.append(STREAM, f"Disposal{state.capitalize()}", facts, by_id=actor.id, at=now)
    return batch
