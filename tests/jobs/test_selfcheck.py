"""SL9: every running clock counts to the instant it keeps; one that was moved by hand is named."""

from datetime import timedelta

from sqlalchemy import select

from portal.cases import actions as cases
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.jobs.doctor import examine
from portal.jobs.selfcheck import differences
from portal.kernel.db import db, transaction
from tests.builders import NINE, judged_case, make_case


def test_paused_judged_and_rejudged_clocks_all_count_to_what_they_keep(app, at, staff):
    with transaction():
        make_case(staff["agent"], NINE, channel="email")
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        together.claim(staff["handler"], NINE, case)
        cases.contact(
            staff["handler"], NINE, case, direction="out", means="phone", reached=True, words="请客户提供日志"
        )
        together.pause(staff["handler"], NINE + timedelta(hours=1), case, reason="customer", words="等待客户提供日志")
        cases.contact(
            staff["handler"],
            NINE + timedelta(hours=4),
            case,
            direction="in",
            means="email",
            reached=True,
            words="已发来",
        )
        other = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech", channel="email")
        cases.judge(
            staff["supervisor"], NINE + timedelta(hours=2), other, level="P2", impact="part", urgency="high",
            harm=False, reason="影响扩大", changed=True,
        )  # fmt: skip
    assert differences() == []


def test_a_clock_moved_by_hand_is_named(app, engine, at, staff):
    with transaction():
        case = make_case(staff["agent"], NINE, channel="email")
        clock = db.session.scalar(select(Clock).where(Clock.case_id == case.id, Clock.kind == "result"))
        clock.due_at += timedelta(hours=1)
    (found,) = differences()
    assert (found.no, found.kind, found.kept - found.counted) == (case.no, "result", 3600)
    findings = {f.name: f for f in examine(NINE)}
    assert findings["clocks"].state == "fault"
    assert case.no in findings["clocks"].words
    assert findings["journal"].state == findings["schema"].state == "ok"
    assert (findings["holidays"].state, findings["watch"].state) == ("warn", "warn")
