"""EM2: what belongs to one step of an incident is written together, and is the same as if each had been alone."""

from sqlalchemy import select

from portal.incidents import queries
from portal.incidents.events import Entered
from portal.incidents.record import one_step, record, tell_of
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE
from tests.incidents.builders import declared


def test_a_declaration_is_one_step_whose_journal_numbers_and_notices_hold(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
        row = queries.incident_by_id(incident.id)
        assert [task.n for task in row.tasks] == list(range(1, len(row.tasks) + 1))  # read anew in the same transaction
    db.session.expire_all()
    lines = stream.read(incident.stream)
    assert not stream.faults([incident.stream])
    assert incident.version == len(lines) == lines[-1].n
    assert list(incident.held) == ["commander", "service", "technical"]
    told = list(db.session.execute(select(Notice.key, Notice.person_id).where(Notice.subject == incident.stream)))
    assert len({key for key, _person in told}) == len(told)
    assert {staff["commander"].id, staff["head"].id, staff["supervisor"].id} <= {person for _key, person in told}


def test_one_who_cannot_be_told_keeps_back_nobody_else_of_the_step(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
    with transaction():
        locked = queries.incident_to_change(staff["watch"], incident.no)
        with one_step(locked, NINE):
            record(locked, Entered("information", "板卡已到", ""), by=staff["watch"], at=NINE)
            tell_of([10**9], "incident_task", locked, NINE, task="x", due=0)
            tell_of([staff["handler"].id], "incident_task", locked, NINE, task="x", due=0)
    db.session.expire_all()
    mine = (Notice.person_id == staff["handler"].id) & (Notice.kind == "incident_task")
    assert len(db.session.scalars(select(Notice).where(mine)).all()) == 1
    assert [line.kind for line in stream.read(incident.stream)][-2:] == ["Entered", "NotTold"]
    assert not stream.faults([incident.stream])
