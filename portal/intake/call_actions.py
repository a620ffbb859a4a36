"""Calls of the telephone system come in, each once (IN7)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake.call_rules import Taken
from portal.intake.models import Call, Hotline
from portal.kernel.db import db
from portal.kernel.errors import Invalid


def take_calls(actor: Actor, now: datetime, token_id: int, calls: Sequence[Taken]) -> tuple[int, int]:
    """How many were new and how many had come before. Raises Invalid for an unknown hotline: then none is kept."""
    allow(actor, "case.log")
    lines = {row[0]: row[1] for row in db.session.execute(select(Hotline.code, Hotline.id))}
    wanted = {f"{token_id}:{one.key}": one for one in calls}
    known = set(db.session.scalars(select(Call.key).where(Call.key.in_(wanted))))
    for key, one in wanted.items():
        if one.hotline not in lines:
            raise Invalid("hotline_unknown", field="hotline")
        if key not in known:
            db.session.add(
                Call(
                    key=key, hotline_id=lines[one.hotline], offered_at=one.offered, answered_at=one.answered,
                    ended_at=one.ended, hold=one.hold, after=one.after, handed=one.handed, busy=one.busy,
                    token_id=token_id,
                )
            )  # fmt: skip
    return len(wanted) - len(known), len(known)
