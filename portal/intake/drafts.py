"""Keeping, reading and dropping drafts; a draft is seen by its author only."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake.models import Draft
from portal.kernel.db import db, write

MOST_CHARACTERS = 20_000
KEPT = timedelta(days=30)
DROPPED = "DELETE FROM draft WHERE person_id = :person AND form = :form"


def form_of(case: Case, deed: str) -> str:
    """The name of a deed's form for one case."""
    return f"case:{case.id}:{deed}"


def keep(
    actor: Actor, now: datetime, form: str, fields: dict[str, Any], *, verb: str = "case.log", subject: Any = None
) -> None:
    """Keeps what is typed; the newest replaces the one before. `verb` is the right that the form itself needs."""
    allow(actor, verb, subject)
    kept = {name: value[:MOST_CHARACTERS] if isinstance(value, str) else value for name, value in fields.items()}
    row = _row(actor, form)
    if row is None:
        db.session.add(Draft(person_id=actor.id, form=form, fields=kept, at=now))
    else:
        row.fields, row.at = kept, now


def drop(actor: Actor, form: str, *, verb: str = "case.log", subject: Any = None) -> None:
    """Forgets the draft: it was sent, or given up."""
    allow(actor, verb, subject)
    write(DROPPED, {"person": actor.id, "form": form})


def draft(actor: Actor, form: str) -> Draft | None:
    """The author's draft of this form."""
    return _row(actor, form)


def let_go(now: datetime) -> None:
    """Forgets drafts that nobody has gone on with for a month. Call inside transaction()."""
    db.session.execute(delete(Draft).where(Draft.at < now - KEPT))


def _row(actor: Actor, form: str) -> Draft | None:
    return db.session.scalar(select(Draft).where(Draft.person_id == actor.id, Draft.form == form))
