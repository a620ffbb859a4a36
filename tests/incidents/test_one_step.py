"""EM2: what belongs to one step of an incident is written together, and is the same as if each had been alone."""

from sqlalchemy import select

from portal.incidents import queries
from portal.incidents.events import Entered
from portal.incidents.record import one_step, record, record_all, tell_of
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


def test_one_who_cannot_be_told_keeps_back_nobody_else_of_the_step(app, engine, at, staff, caplog):
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
    said = [(line.levelname, line.exc_info is not None, line.getMessage()) for line in caplog.records]
    together, alone = "a step of {} could not be told together, each is told alone", "nobody could be told of {} in {}"
    assert ("ERROR", True, together.format(incident.no)) in said
    assert ("ERROR", True, alone.format("incident_task", incident.no)) in said


def test_what_is_written_of_another_incident_inside_a_step_is_the_others(app, engine, at, staff):
    """Both journals hold, each entry and notice stands with its own incident, and the step goes on around it."""
    with transaction():
        one, other = declared(staff), declared(staff, title="另一热线故障")
    with transaction():
        one, other = (queries.incident_to_change(staff["watch"], no) for no in (one.no, other.no))
        before = other.version
        with one_step(one, NINE):
            record(one, Entered("information", "板卡已到", ""), by=staff["watch"], at=NINE)
            record(other, Entered("information", "另一处也已恢复", ""), by=staff["watch"], at=NINE)
            record_all(other, [Entered("information", "再次确认", "")], by=staff["watch"], at=NINE)
            tell_of([staff["handler"].id], "incident_task", other, NINE, task="y", due=0)
            record(one, Entered("information", "板卡已装", ""), by=staff["watch"], at=NINE)
    db.session.expire_all()
    assert other.version == before + 2
    for incident, texts in ((one, ["板卡已到", "板卡已装"]), (other, ["另一处也已恢复", "再次确认"])):
        lines = stream.read(incident.stream)
        assert [line.facts["text"] for line in lines if line.kind == "Entered"] == texts
        assert incident.version == lines[-1].n
        assert not stream.faults([incident.stream])
    mine = (Notice.person_id == staff["handler"].id) & (Notice.kind == "incident_task")
    assert [told.subject for told in db.session.scalars(select(Notice).where(mine))] == [other.stream]
