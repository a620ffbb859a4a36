"""Files beside a form and files of a case: put down, taken away, attached."""

from datetime import datetime

from sqlalchemy import delete

from portal.attachments import queries
from portal.attachments.models import Attachment
from portal.attachments.taking import Taken, limits
from portal.cases import rules as cases
from portal.cases.file_events import Attached
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Invalid

LONGEST_WORDS = 4000


def put_down(actor: Actor, now: datetime, form: str, file: Taken) -> Attachment:
    """A file waits beside a form of this person; the same content waits once. Raises Invalid beyond the number."""
    allow(actor, "case.attach")
    there = queries.waiting(actor, form)
    same = next((row for row in there if row.sha256 == file.sha256), None)
    if same is not None:
        return same
    most = limits()[1]
    if len(there) >= most:
        raise Invalid("files_too_many", field="files", most=most, name=file.name)
    row = Attachment(
        person_id=actor.id, form=form, name=file.name, kind=file.kind, size=file.size, sha256=file.sha256, at=now
    )
    db.session.add(row)
    db.session.flush()
    return row


def take_away(actor: Actor, file_id: int) -> str:
    """A file that waits beside the person's form is taken away again; returns the form's name. Raises Missing."""
    allow(actor, "case.attach")
    row = queries.one_waiting(actor, file_id)
    form = row.form
    db.session.delete(row)
    db.session.flush()
    return form


def forget(actor: Actor, form: str) -> None:
    """Takes everything away that waits beside a form: it was given up."""
    allow(actor, "case.attach")
    mine = (Attachment.person_id == actor.id) & (Attachment.form == form) & Attachment.case_id.is_(None)
    db.session.execute(delete(Attachment).where(mine))


def attach(actor: Actor, now: datetime, case: Case, form: str, *, words: str = "") -> list[Attachment]:
    """What waits beside the form becomes the case's, as one entry of its own; nothing is written where nothing waits.

    A content that the case has already is not attached twice.
    """
    allow(actor, "case.attach", case)
    cases.still_open(case)
    waiting = queries.waiting(actor, form)
    there = {row.sha256 for row in queries.of_case(case.id)} if waiting else set()
    found = []
    for row in waiting:
        if row.sha256 in there:
            db.session.delete(row)
            continue
        row.case_id, row.form, row.at = case.id, "", now
        found.append(row)
    if found:
        db.session.flush()
        facts = tuple({"name": r.name, "size": r.size, "kind": r.kind, "sha256": r.sha256} for r in found)
        record(case, Attached(facts, words.strip()[:LONGEST_WORDS]), by=actor, at=now)
    return found


def attach_on_page(actor: Actor, now: datetime, case: Case, *, words: str = "") -> None:
    """What waits beside the case's own form is attached. Raises Invalid when nothing new does."""
    allow(actor, "case.attach", case)
    if not attach(actor, now, case, queries.form_of(case), words=words):
        raise Invalid("files_none", field="files")
