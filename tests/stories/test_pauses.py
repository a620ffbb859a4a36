"""SL4: a pause has a reason on the list, a cap, and an end; a pause while late cures nothing."""

from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.incidents import actions as command
from portal.jobs.pauses import end_pauses
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from tests.builders import NINE, judged_case
from tests.incidents.builders import settled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def waiting(staff, when=NINE + HOUR):
    case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
    together.claim(staff["handler"], NINE, case)
    cases.contact(
        staff["handler"], NINE + HOUR / 2, case, direction="out", means="phone", reached=True, words="请客户提供照片"
    )
    together.pause(staff["handler"], when, case, reason="customer", words="等客户照片")
    return case


def result(case):
    return next(c for c in clocks_of(case.id) if c.kind == "result")


def test_a_pause_for_the_customer_ends_at_its_cap_of_five_working_days(app, engine, at, staff):
    with transaction():
        number = waiting(staff).id
    until = NINE + 7 * DAY + 9 * HOUR  # Tuesday after, 18:00, the fifth working day
    assert end_pauses(until) == 0
    assert end_pauses(until + timedelta(seconds=1)) == 1
    assert end_pauses(until + HOUR) == 0
    case = db.session.get_one(Case, number, populate_existing=True)
    assert (case.paused, case.state) == ("", "in_work")
    last = stream.read(case.stream)[-1]
    assert (last.kind, last.facts["code"]) == ("Resumed", "cap")


def test_a_pause_begun_late_cures_nothing(app, engine, at, staff):
    with transaction():
        case = waiting(staff, when=NINE + 25 * HOUR)
        due = result(case).due_at
        together.resume(staff["handler"], NINE + 30 * HOUR, case, why="客户已回复")
    assert (result(case).due_at, due) == (NINE + 24 * HOUR, NINE + 24 * HOUR)


def test_force_majeure_is_the_supervisors_and_ends_with_the_incident(app, engine, at, staff):
    with transaction():
        incident = settled(staff)
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        together.claim(staff["handler"], NINE, case)
        cases.link(
            staff["supervisor"], NINE, case, incident_id=incident.id, incident_no=incident.no, title=incident.title
        )
        with pytest.raises(Refused, match="supervisor_pauses"):
            together.pause(staff["handler"], NINE + HOUR, case, reason="force_majeure", words="台风停电")
        together.pause(staff["supervisor"], NINE + HOUR, case, reason="force_majeure", words="台风停电")
        number = case.id
    assert end_pauses(NINE + 2 * DAY) == 0
    with transaction():
        command.end(staff["commander"], NINE + 2 * DAY, incident, statement="供电恢复，业务正常")
    assert end_pauses(NINE + 3 * DAY) == 1
    assert db.session.get_one(Case, number, populate_existing=True).paused == ""
