"""SL1: an answer is a result told, or a time promised; a contact alone is none. Who leads, and who hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.rules import lead
from portal.clocks.kept import clocks_of
from portal.desk.case_deeds import next_deed
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, judged_case, make_case

SOON = NINE + timedelta(minutes=10)


def answer(case) -> str:
    return next(clock.outcome for clock in clocks_of(case.id) if clock.kind == "answer")


@pytest.mark.parametrize(("promised", "outcome"), [(None, "running"), (NINE + timedelta(hours=2), "met")])
def test_a_contact_answers_only_with_a_promised_time(app, engine, at, staff, promised, outcome):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        cases.contact(
            staff["supervisor"], SOON, case, direction="out", means="phone", reached=True, words="工程师已在路上",
            promised=promised,
        )  # fmt: skip
    assert answer(case) == outcome


def test_an_attempt_that_reached_nobody_answers_nothing(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        cases.contact(
            staff["supervisor"], SOON, case, direction="out", means="phone", reached=False, words="无人接听",
            promised=NINE + timedelta(hours=2),
        )  # fmt: skip
    assert answer(case) == "running"


@pytest.mark.parametrize(
    ("kind", "level", "unit"),
    [("fault", "P2", "tech"), ("complaint", "P1", "business"), ("suggestion", "P3", "improvement"),
     ("consultation", "P2", "business"), ("account", "P3", "service")],
)  # fmt: skip
def test_who_is_proposed_to_lead_follows_from_what_is_asked(app, at, staff, kind, level, unit):
    with transaction():
        case = make_case(staff["agent"], request_type=kind)
    case.level = level
    assert lead(case) == unit
    db.session.rollback()


@pytest.mark.parametrize(("level", "told"), [("P1", True), ("P2", True), ("P3", False)])
def test_the_lead_department_hears_of_a_pressing_case_and_the_journal_names_it(app, at, staff, level, told):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech")
    landed = db.session.scalars(select(Notice.person_id).where(Notice.kind == "landed")).all()
    assert (staff["handler"].id in landed) == told
    assert stream.read(case.stream)[-1].facts["unit"]


def test_the_next_step_is_what_the_pressing_clock_waits_for(app, at, staff):
    with transaction():
        case = make_case(staff["agent"])
    case.state, case.clock_kind = "in_work", "start_of_work"
    assert next_deed(case, ["result", "work", "contact"]) == "work"
    case.clock_kind = "result"
    assert next_deed(case, ["result", "work", "contact"]) == "result"
    db.session.rollback()
