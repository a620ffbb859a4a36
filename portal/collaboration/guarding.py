"""What was told of a case before it was restricted: notices, also of its tasks, and hand-over sheets say it no more."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.cases.guard import SHUT
from portal.cases.models import Case
from portal.collaboration.models import Task
from portal.identity.actor import Actor
from portal.kernel.db import db
from portal.notices.models import Notice
from portal.roster.models import HandOver


def cover(case: Case, event: Any, by: Actor, at: datetime) -> None:
    """Follows the restriction: the number stays, titles and what was said go. Readers find both on the case."""
    session = db.session
    tasks = session.scalars(select(Task.id).where(Task.case_id == case.id))
    subjects = [case.stream, *(f"task:{one}" for one in tasks)]
    for row in session.scalars(select(Notice).where(Notice.subject.in_(subjects))):
        if row.facts.get("title"):
            row.facts = {name: value for name, value in row.facts.items() if name != "said"} | {"title": SHUT}
    for sheet in session.scalars(sheets_with(case)):
        sheet.lines = [line | {"title": SHUT} if line["case"] == case.id else line for line in sheet.lines]


def sheets_with(case: Case) -> Any:
    """The hand-over sheets on which the case stands; only open cases do."""
    named = HandOver.lines.cast(db.Text).contains(f'"case": {case.id},', autoescape=True)
    found = select(HandOver).where(HandOver.at >= case.received_at, named)
    return found if case.closed_at is None or case.open else found.where(HandOver.at <= case.closed_at)
