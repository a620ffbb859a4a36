"""Keeping, reading and dropping drafts; a draft is seen by its author only."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake.models import Draft
from portal.kernel.db import db, write

MOST_CHARACTERS = 20_000
DROPPED = "DELETE FROM draft WHERE person_id = :person AND form = :form"


def keep(actor: Actor, now: datetime, form: str, fields: dict[str, Any]) -> None:
    """Keeps what is typed; the newest replaces the one before."""
    allow(actor, "case.log")
    kept = {name: value[:MOST_CHARACTERS] if isinstance(value, str) else value for name, value in fields.items()}
    row = _row(actor, form)
    if row is None:
        db.session.add(Draft(person_id=actor.id, form=form, fields=kept, at=now))
    else:
        row.fields, row.at = kept, now


def drop(actor: Actor, form: str) -> None:
    """Forgets the draft: it was sent, or given up."""
    allow(actor, "case.log")
    write(DROPPED, {"person": actor.id, "form": form})


def draft(actor: Actor, form: str) -> Draft | None:
    """The author's draft of this form."""
    return _row(actor, form)


def _row(actor: Actor, form: str) -> Draft | None:
    return db.session.scalar(select(Draft).where(Draft.person_id == actor.id, Draft.form == form))
