"""A shift hands over: the sheet is given, and accepted by name; what is not accepted stays with the giver (DK2)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from portal.cases import rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.notices.tell import tell
from portal.roster import handover_rules
from portal.roster import queries as roster
from portal.roster.models import HandOver


def give(
    actor: Actor, now: datetime, *, unit_id: int, until: datetime, lines: list[dict[str, Any]], facts: dict[str, Any],
    note: str = "", key: str = "",
) -> HandOver:  # fmt: skip
    """Keeps the sheet as it stands and tells those on duty next, or the department where the roster names nobody.

    A second post of the form finds the first sheet.
    """
    allow(actor, "case.work", SimpleNamespace(unit_ids=frozenset((unit_id,))))
    known = db.session.scalar(select(HandOver).where(HandOver.key == key)) if key else None
    if known is not None:
        return known
    sheet = HandOver(
        unit_id=unit_id, by_id=actor.id, at=now, until_at=until, note=handover_rules.noted(note), lines=lines,
        facts=facts, taken=[], key=key or None,
    )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    stream.append(f"roster:{unit_id}", "SheetGiven", {"sheet": sheet.id, "cases": len(lines)}, by_id=actor.id, at=now)
    coming = {shift.person_id for shift in roster.between(unit_id, now, until)} - {actor.id}
    staff = (i for role in ("agent", "handler", "head") for i in people.holders(role, {unit_id}))
    coming = coming or set(staff) - {actor.id}
    named = {"title": f"{actor.name} · {len(lines)}"}
    tell(coming, "shift_given", subject=f"handover:{sheet.id}", key=f"sheet:{sheet.id}", facts=named, now=now)
    return sheet


def accept(actor: Actor, now: datetime, sheet_id: int, wanted: Iterable[int]) -> int:
    """Accepts a sheet by name: ticked cases that the giver still holds become the acceptor's; returns how many.

    The rest stays with the giver, who is told. Raises Refused for one's own sheet and for one that somebody else has.
    """
    allow(actor, "case.work")
    sheet = db.session.get(HandOver, sheet_id, with_for_update=True, populate_existing=True)
    if sheet is None:
        raise Missing("no_such_sheet")
    allow(actor, "case.work", sheet)
    by = people.person(sheet.accepted_by).name if sheet.accepted_by else ""
    if not handover_rules.may_accept(sheet.by_id, sheet.accepted_by, by, actor.id):
        return len(sheet.taken)
    giver = people.person(sheet.by_id)
    sheet.taken = _taken_over(actor, now, giver.id, giver.name, handover_rules.ticked(sheet.lines, wanted))
    sheet.accepted_by, sheet.accepted_at = actor.id, now
    facts = {"sheet": sheet.id, "cases": sheet.taken}
    stream.append(f"roster:{sheet.unit_id}", "SheetAccepted", facts, by_id=actor.id, at=now)
    named = {"title": f"{actor.name} · {len(sheet.taken)}"}
    key = f"sheet_accepted:{sheet.id}"
    tell([giver.id], "shift_accepted", subject=f"handover:{sheet.id}", key=key, facts=named, now=now)
    return len(sheet.taken)


def _taken_over(actor: Actor, now: datetime, giver_id: int, giver: str, wanted: list[int]) -> list[int]:
    """Assigns those of the cases that are open and still the giver's; returns their ids."""
    held = select(Case).where(Case.id.in_(wanted), Case.owner_id == giver_id, Case.open)
    query = held.order_by(Case.unit_id, Case.id).with_for_update().execution_options(populate_existing=True)
    cases = list(db.session.scalars(query))
    for case in cases:
        event = rules.assign(case, actor.id, actor.name, "")
        record(case, replace(event, how="shift", instead_of=giver), by=actor, at=now)
    return [case.id for case in cases]
