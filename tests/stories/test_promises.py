"""SL5, SL7: promises bind, extensions wait for approval, lowering a level cures nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.collaboration import handing
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, judged_case

HOUR = timedelta(hours=1)


def clock(case, kind):
    return [c for c in clocks_of(case.id) if c.kind == kind][-1]


def p2(staff):
    case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
    together.claim(staff["handler"], NINE, case)
    return case


def spoken(staff, when, case, promised=None):
    cases.contact(
        staff["handler"],
        when,
        case,
        direction="out",
        means="phone",
        reached=True,
        words="已说明进展",
        promised=promised,
    )


@pytest.mark.parametrize(("again", "outcome"), [(2 * HOUR, "met"), (3 * HOUR, "missed")])
def test_a_promise_is_kept_by_the_next_contact(app, engine, at, staff, again, outcome):
    with transaction():
        case = p2(staff)
        spoken(staff, NINE + HOUR, case, promised=NINE + 2 * HOUR)
        assert clock(case, "promise").due_at == NINE + 2 * HOUR
        spoken(staff, NINE + again, case)
    assert clock(case, "promise").outcome == outcome


def test_a_promise_beyond_the_limit_is_refused_at_its_field(app, at, staff):
    with transaction():
        case = p2(staff)
    with pytest.raises(Invalid, match="promise_beyond_limit") as refused, transaction():
        spoken(staff, NINE + HOUR, case, promised=NINE + 25 * HOUR)
    assert refused.value.facts["field"] == "promised"


def extended(staff, case, until=30 * HOUR):
    together.extend(
        staff["handler"], NINE + 20 * HOUR, case, due=NINE + until, reason="备件明早到货", told="已致歉并说明原因"
    )


def solved(staff, case, now):
    """The result is written and told."""
    text, cause = "更换备件后业务已恢复", "板卡故障"
    cases.write_result(staff["handler"], now, case, text=text, cause_category="equipment", cause=cause)
    cases.tell(staff["handler"], now, case, means="phone", words="已告知恢复")


def test_an_approved_new_time_binds_and_both_attainments_are_kept(app, engine, at, staff):
    with transaction():
        case = p2(staff)
        extended(staff, case)
        handing.decide_extension(staff["supervisor"], NINE + 21 * HOUR, case, approved=True)
        solved(staff, case, NINE + 26 * HOUR)
    result = clock(case, "result")
    assert (result.outcome, result.met_original, case.extension) == ("met", False, None)


@pytest.mark.parametrize("decided", [22 * HOUR, 28 * HOUR])
def test_a_refused_new_time_leaves_the_old_instant_also_afterwards(app, engine, at, staff, decided):
    with transaction():
        case = p2(staff)
        extended(staff, case)
        if decided < 26 * HOUR:
            handing.decide_extension(staff["supervisor"], NINE + decided, case, approved=False, words="原因不充分")
        solved(staff, case, NINE + 26 * HOUR)
        if decided > 26 * HOUR:
            handing.decide_extension(staff["supervisor"], NINE + decided, case, approved=False, words="原因不充分")
    result = clock(case, "result")
    assert (result.outcome, result.breached_at, result.agreed_at) == ("missed", NINE + 24 * HOUR, None)


def test_nobody_approves_their_own_new_time(app, at, staff):
    with transaction():
        case = p2(staff)
        together.extend(
            staff["supervisor"], NINE + HOUR, case, due=NINE + 30 * HOUR, reason="备件到货", told="已致歉说明"
        )
    with pytest.raises(Refused, match="not_your_own"), transaction():
        handing.decide_extension(staff["supervisor"], NINE + 2 * HOUR, case, approved=True)


def test_lowering_never_moves_a_due_instant_that_has_passed(app, engine, at, staff):
    with transaction():
        case = p2(staff)
        before = clock(case, "result").due_at
        cases.judge(
            staff["supervisor"], NINE + 25 * HOUR, case, level="P4", impact="single", urgency="low", harm=False,
            reason="影响仅一户", unit_id=case.unit_id,
        )  # fmt: skip
    assert clock(case, "result").due_at == before


@pytest.mark.parametrize(("when", "listed"), [(HOUR, False), (19 * HOUR, True)])
def test_lowering_in_the_last_quarter_goes_on_the_auditors_list(app, engine, at, staff, when, listed):
    with transaction():
        case = p2(staff)
        cases.judge(
            staff["supervisor"], NINE + when, case, level="P3", impact="single", urgency="low", harm=False,
            reason="影响仅一户", unit_id=case.unit_id,
        )  # fmt: skip
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "lowered_late")).all()
    assert (staff["auditor"].id in told) == listed
