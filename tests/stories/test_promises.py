"""SL5, SL7: promises bind, extensions wait for approval, lowering a level cures nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.ledger import ledger
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.collaboration import handing
from portal.desk.promises import Wanted, counts
from portal.identity import queries as people
from portal.jobs.loop import Worker
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, judged_case

pytestmark = pytest.mark.alike

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


def told(staff, when, case, words="已致歉，说明备件明早到货"):
    cases.contact(staff["handler"], when, case, direction="out", means="phone", reached=True, words=words)


def ledger_of(case, now):
    return ledger(stream.read(case.stream), clocks_of(case.id), now)


def test_the_ledger_tells_who_promised_what_and_how_it_was_kept(app, engine, at, staff):
    with transaction():
        case = p2(staff)
        spoken(staff, NINE + HOUR, case, promised=NINE + 2 * HOUR)
        spoken(staff, NINE + 3 * HOUR, case, promised=NINE + 5 * HOUR)
        told(staff, NINE + 4 * HOUR, case)
        told(staff, NINE + 19 * HOUR, case)
        extended(staff, case)
        handing.decide_extension(staff["supervisor"], NINE + 21 * HOUR, case, approved=True)
        first, second, new = ledger_of(case, NINE + 22 * HOUR)
    assert (first.outcome, second.outcome, new.outcome) == ("broken", "kept", "open")
    assert (first.by_id, first.told_means, first.due) == (staff["handler"].id, "phone", NINE + 2 * HOUR)
    assert (new.clock, new.original, new.due) == ("result", NINE + 24 * HOUR, NINE + 30 * HOUR)
    assert (new.reason, new.told_words, new.told_at) == ("备件明早到货", "已致歉并说明原因", NINE + 19 * HOUR)
    assert (new.decision, new.decided_by, new.decided_at) == ("approved", staff["supervisor"].id, NINE + 21 * HOUR)
    with transaction():
        solved(staff, case, NINE + 26 * HOUR)
    new = ledger_of(case, NINE + 27 * HOUR)[-1]
    assert (new.outcome, new.original_met) == ("kept", False)


def test_a_refused_new_time_and_one_that_is_followed_say_so(app, at, staff):
    with transaction():
        case = p2(staff)
        extended(staff, case)
        handing.decide_extension(staff["supervisor"], NINE + 21 * HOUR, case, approved=False, words="原因不充分")
        extended(staff, case, until=28 * HOUR)
        handing.decide_extension(staff["supervisor"], NINE + 21 * HOUR, case, approved=True)
        assert [(p.outcome, p.decision) for p in ledger_of(case, NINE + 22 * HOUR)] == [
            ("refused", "refused"), ("open", "approved"),
        ]  # fmt: skip


def test_the_page_of_promises_counts_and_opens_down_to_the_cases(app, engine, at, staff, signed_in):
    with transaction():
        soon, late, kept, new = (p2(staff) for _ in range(4))
        spoken(staff, NINE + HOUR, soon, promised=NINE + 6 * HOUR)
        spoken(staff, NINE + HOUR, late, promised=NINE + 2 * HOUR)
        spoken(staff, NINE + HOUR, kept, promised=NINE + 2 * HOUR)
        told(staff, NINE + 2 * HOUR, kept)
        extended(staff, new)
        numbers = {name: case.no for name, case in (("soon", soon), ("late", late), ("kept", kept), ("new", new))}
    now = at(hours=4)
    everything = Wanted("open", 0, 0, 1)
    assert counts(staff["supervisor"], everything, now) == {"open": 2, "today": 1, "broken": 1, "kept": 1}
    assert counts(staff["business"], everything, now) == {"open": 0, "today": 0, "broken": 0, "kept": 0}
    browser = signed_in(staff["supervisor"])
    for state, shown in (("open", {"soon", "new"}), ("today", {"soon"}), ("broken", {"late"}), ("kept", {"kept"})):
        page = browser.get(f"/promises?state={state}").text
        assert {name for name, no in numbers.items() if f"/cases/{no}#promises" in page} == shown, state
    unit = people.unit_by_code("business").id
    assert numbers["soon"] not in browser.get(f"/promises?unit={unit}").text
    assert numbers["soon"] in browser.get(f"/promises?person={staff['handler'].id}").text
    assert browser.get("/promises?state=x&unit=%C2%B2&page=-1").status_code == 200
    case = browser.get(f"/cases/{numbers['new']}").text
    assert "已致歉并说明原因" in case
    assert 'id="promises"' in case
    assert 'id="promises"' not in signed_in(staff["agent"]).get(f"/cases/{p2_no(staff)}").text


def p2_no(staff):
    """The number of a case without promises."""
    with transaction():
        return p2(staff).no


@pytest.mark.parametrize(("decided", "outcome"), [(29 * HOUR, "met"), (29 * HOUR + timedelta(seconds=1), "missed")])
def test_the_approval_of_a_new_time_has_four_working_hours(app, engine, at, staff, decided, outcome):
    with transaction():
        case = p2(staff)
        extended(staff, case)  # Wednesday 05:00: four working hours end at 14:00
    assert clock(case, "approval").due_at == NINE + 29 * HOUR
    with transaction():
        handing.decide_extension(staff["supervisor"], NINE + decided, case, approved=True)
    assert clock(case, "approval").outcome == outcome


def test_an_approval_that_nobody_gives_climbs_the_ladder(app, at, staff):
    with transaction():
        case = p2(staff)
        extended(staff, case)
    Worker().tick(at(hours=30, minutes=1))
    query = select(Notice.person_id, Notice.facts).where(Notice.person_id == staff["head"].id)
    assert "approval" in str(db.session.execute(query).all())
