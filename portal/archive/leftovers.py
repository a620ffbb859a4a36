"""Words about a case that stand outside its own record, emptied when it is disposed of. Only erasing.py calls this.

Times, states, numbers of sheets and verdicts of people stay: they say nothing of a customer and figures count them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, select, update

from portal.backup.models import BackEntry, PaperSheet
from portal.cases.models import Case
from portal.collaboration.guarding import sheets_with
from portal.collaboration.models import Task
from portal.directory.models import CustomerPair
from portal.kernel.db import db, write
from portal.notices.models import Notice

SAID = "SELECT j.id, b.facts FROM journal j JOIN journal_body b ON b.journal_id = j.id WHERE j.stream = :stream"
FORGET = "DELETE FROM journal_body WHERE journal_id = :id"
OBJECTIONS = "SELECT id, person_id FROM figure_objection WHERE clock_id IN (SELECT id FROM clock WHERE case_id = :case)"
EMPTIED = "UPDATE figure_objection SET words = '', answer = '' WHERE id = :id"


def empty(case: Case) -> None:
    """Empties what was entered from paper, tasks, notices of tasks, hand-over sheets and objections to figures."""
    _paper(case)
    _tasks(case)
    _sheets_of_shifts(case)
    _objections(case.id)


def _paper(case: Case) -> None:
    """补录: when it happened and who heard it, in words, and what the second person said of it."""
    session = db.session
    blank = {"occurred": "", "heard_by": "", "words": ""}
    session.execute(update(BackEntry).where(BackEntry.case_id == case.id).values(**blank))
    session.execute(update(PaperSheet).where(PaperSheet.case_no == case.no).values(words=""))
    _forget("backup", lambda facts: facts.get("case") == case.no and "words" in facts)


def _tasks(case: Case) -> None:
    """Tasks keep department, times and state; what was told of them goes."""
    session = db.session
    subjects = [f"task:{one}" for one in session.scalars(select(Task.id).where(Task.case_id == case.id))]
    session.execute(delete(Notice).where(Notice.subject.in_(subjects)))
    session.execute(update(Task).where(Task.case_id == case.id).values(text="", words=""))


def _sheets_of_shifts(case: Case) -> None:
    """A hand-over sheet keeps its line with the case's number; only open cases stand on one."""
    for sheet in db.session.scalars(sheets_with(case)):
        sheet.lines = [line | {"title": ""} if line["case"] == case.id else line for line in sheet.lines]


def _objections(case_id: int) -> None:
    """What was said about its missed limits; whether the objection was accepted stays."""
    for number, person in write(OBJECTIONS, {"case": case_id}):
        write(EMPTIED, {"id": number})
        _forget(f"figures:{person}", _about(case_id, number))


def _about(case_id: int, objection: int) -> Callable[[Mapping[str, Any]], bool]:
    return lambda facts: facts.get("case") == case_id or facts.get("objection") == objection


def _forget(stream: str, meant: Callable[[Mapping[str, Any]], bool]) -> None:
    """Erases what those entries of another journal say; their headers keep that journal provable."""
    for number, raw in write(SAID, {"stream": stream}):
        if meant(json.loads(raw) if isinstance(raw, str) else raw):
            write(FORGET, {"id": number})


def of_customer(ids: list[int]) -> None:
    """Why files of an erased customer were taken for one."""
    mine = CustomerPair.low_id.in_(ids) | CustomerPair.high_id.in_(ids)
    db.session.execute(update(CustomerPair).where(mine).values(reason=""))
