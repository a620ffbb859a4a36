"""Reading rows of files."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.attachments.models import Attachment
from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.kernel.db import db, read
from portal.kernel.errors import Missing

ANY_OF = "SELECT 1 FROM attachment WHERE case_id = :case LIMIT 1"
ANY = "SELECT 1 FROM attachment WHERE person_id = :me AND form = :form AND case_id IS NULL LIMIT 1"


def form_of(case: Case) -> str:
    """The name of the form beside which files for this case wait."""
    return f"case:{case.id}"


def of_case(case_id: int) -> list[Attachment]:
    """The files of a case, in the order they came. Mostly there are none, which costs little."""
    if not read(ANY_OF, {"case": case_id}):
        return []
    return list(db.session.scalars(select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)))


def waiting(actor: Actor, form: str) -> list[Attachment]:
    """The files that wait beside this person's form; nobody else's. Mostly there are none, which costs little."""
    if not read(ANY, {"me": actor.id, "form": form}):
        return []
    mine = (Attachment.person_id == actor.id) & (Attachment.form == form) & Attachment.case_id.is_(None)
    return list(db.session.scalars(select(Attachment).where(mine).order_by(Attachment.id)))


def one_waiting(actor: Actor, file_id: int) -> Attachment:
    """One of the files that wait beside a form of this person. Raises Missing."""
    row = db.session.get(Attachment, file_id)
    if row is None or row.case_id is not None or row.person_id != actor.id:
        raise Missing("not_found")
    return row


def one_of(case: Case, file_id: int) -> Attachment:
    """One file of the case. Raises Missing."""
    row = db.session.get(Attachment, file_id)
    if row is None or row.case_id != case.id:
        raise Missing("not_found")
    return row


def used(digests: Iterable[str]) -> set[str]:
    """Which of these contents a row still names."""
    return set(db.session.scalars(select(Attachment.sha256).where(Attachment.sha256.in_(list(digests)))))
