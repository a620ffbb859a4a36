"""SL8, F-30 to F-33, F-37: each step is told once, to the right people, and never as a storm."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal.cases import actions as cases
from portal.cases import answers
from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.jobs import watch
from portal.jobs.loop import Worker
from portal.jobs.models import Trouble
from portal.jobs.watch import look, parked, waiting
from portal.kernel.db import db, read, transaction
from portal.kernel.line import queue, somebody_waits
from portal.notices.models import Notice
from tests.builders import NINE, judged_case, make_case

LADDER = ["warn", "due", "escalated", "unanswered", "digest", "overdue"]


def told(kind: str | None = None) -> list[Notice]:
    query = select(Notice).where(Notice.kind.in_([kind] if kind else LADDER))
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(query.order_by(Notice.id)))


def only_result(case: Case) -> Clock:
    """The result clock of a case; the others are out of the way."""
    with transaction():
        db.session.execute(update(Clock).where(Clock.case_id == case.id, Clock.kind != "result").values(outcome="met"))
    clock = db.session.scalar(select(Clock).where(Clock.case_id == case.id, Clock.kind == "result"))
    with transaction():
        db.session.get_one(Case, case.id).notice_at = int(clock.warn_at.timestamp())
    return clock


def acknowledged(actor, clock: Clock) -> None:
    """The person acknowledges the last step told of this clock."""
    db.session.rollback()
    key = db.session.scalar(select(Clock.told_step).where(Clock.id == clock.id))
    notice = db.session.scalar(select(Notice.id).where(Notice.key == f"clock:{clock.id}:{key}:{actor.id}"))
    with transaction():
        answers.acknowledge(actor, NINE, notice)


@pytest.fixture
def claimed(app, at, staff):
    """A P2 case of the technical department that its handler has claimed."""
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        together.claim(staff["handler"], NINE, case)
    return case


def test_the_assignee_is_warned_once_and_the_supervisor_hears_at_the_due_instant(claimed, staff):
    clock = only_result(claimed)
    look(clock.warn_at - timedelta(seconds=1))
    assert told() == []
    look(clock.warn_at)
    acknowledged(staff["handler"], clock)
    look(clock.warn_at + timedelta(seconds=1))
    assert [(n.kind, n.person_id, n.key) for n in told()] == [
        ("warn", staff["handler"].id, f"clock:{clock.id}:1:{staff['handler'].id}")
    ]
    look(clock.due_at)
    look(clock.due_at + timedelta(seconds=5))
    assert sorted(n.person_id for n in told("due")) == sorted([staff["handler"].id, staff["supervisor"].id])
    assert db.session.get_one(Case, claimed.id).notice_at > clock.due_at.timestamp()


def test_a_case_nobody_has_claimed_warns_the_supervisors(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
    clock = only_result(case)
    look(clock.warn_at)
    assert [n.person_id for n in told("warn")] == [staff["supervisor"].id]


def test_an_assignee_who_has_left_is_stepped_over(claimed, staff):
    from portal.identity.models import Person

    clock = only_result(claimed)
    with transaction():
        db.session.get_one(Person, staff["handler"].id).active = False
    look(clock.warn_at)
    assert [n.person_id for n in told("warn")] == [staff["supervisor"].id]


def test_a_paused_clock_is_not_told(claimed, staff):
    clock = only_result(claimed)
    with transaction():
        case = db.session.get_one(Case, claimed.id)
        cases.contact(
            staff["handler"], NINE, case, direction="out", means="phone", reached=True, words="请客户提供日志"
        )
        together.pause(staff["handler"], NINE, case, reason="customer", words="等待客户提供日志")
    assert db.session.get_one(Clock, clock.id).paused_at
    look(clock.due_at + timedelta(days=3))
    assert [n for n in told() if n.facts.get("clock") == "result"] == []


def test_what_was_closed_between_due_and_sending_is_not_told(claimed, staff):
    clock = only_result(claimed)
    with transaction():
        case = db.session.get_one(Case, claimed.id)
        cases.void(staff["supervisor"], clock.warn_at, case, reason="拨错号码")
        case.notice_at = int(clock.warn_at.timestamp())
    look(clock.due_at)
    assert told() == []


def pressing():
    """Which clock presses in each case, and when."""
    return db.session.execute(select(Case.id, Case.press, Case.clock_kind).order_by(Case.id)).all()


def test_after_a_day_without_a_watch_each_person_gets_one_digest(app, engine, at, staff):
    Worker().tick(NINE - timedelta(minutes=5))
    with transaction():
        for _ in range(25):
            case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
            together.claim(staff["handler"], NINE, case)
    press = pressing()
    Worker().tick(NINE + timedelta(days=1, minutes=7))
    Worker().tick(NINE + timedelta(days=1, minutes=8))
    assert pressing() == press
    digests = told()
    assert {n.kind for n in digests} == {"digest"}
    whole_ladder = ("handler", "supervisor", "head", "quality")
    assert sorted(n.person_id for n in digests) == sorted(staff[name].id for name in whole_ladder)
    handlers = next(n for n in digests if n.person_id == staff["handler"].id)
    clocks = db.session.scalar(select(func.count()).where(Clock.told_step > 0))
    assert handlers.facts["count"] == clocks >= 100
    assert len(handlers.facts["items"]) == 100
    assert handlers.late_seconds > 20 * 3600


def test_old_requests_taken_down_today_make_one_notice_and_not_a_storm(app, at, staff):
    Worker().tick(NINE)
    with transaction():
        for _ in range(30):
            make_case(staff["agent"], NINE, received=NINE - timedelta(days=40), channel="email")
    Worker().tick(NINE + timedelta(seconds=5))
    late = [n for n in told() if n.late_seconds > 600]
    assert {n.kind for n in late} == {"overdue"}
    assert [n.person_id for n in late] == [staff[name].id for name in ("supervisor", "service_head", "quality")]


def test_a_poisoned_case_is_parked_and_the_others_are_told(app, engine, at, staff):
    with transaction():
        bad = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        good = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
    clock = only_result(good)
    only_result(bad)
    with transaction():
        db.session.execute(update(Clock).where(Clock.case_id == bad.id).values(policy_version=77))
    for minutes in range(40):
        look(clock.warn_at + timedelta(minutes=minutes))
    assert {n.subject for n in told()} == {good.stream}
    assert [(t.case_id, t.tries) for t in parked()] == [(bad.id, 5)]
    assert "no_such_policy" in db.session.scalar(select(Trouble.said))


def test_the_claim_uses_the_index_of_open_cases(app, at):
    bound = {"now": int(NINE.timestamp()), "tries": 5, "most": 200}
    plan = read("EXPLAIN QUERY PLAN " + waiting("c.id"), bound)
    assert any("ix_cases_notice" in row[3] for row in plan)


def test_a_batch_of_the_watch_ends_early_where_somebody_waits_to_write(app, at, staff, monkeypatch):
    with transaction():
        for _ in range(5):
            make_case(staff["agent"], NINE, channel="email")
    with transaction() as session:
        session.execute(update(Case).values(notice_at=int(NINE.timestamp())))
    monkeypatch.setattr(watch, "SPAN", 0.0)

    def wait() -> None:
        with app.app_context(), queue(db.engine):
            pass

    other = threading.Thread(target=wait)
    with transaction():
        other.start()
        while not somebody_waits(db.engine):
            time.sleep(0.001)
        assert watch.Round(NINE).work(2) == 2
    other.join()
    with transaction():
        assert watch.Round(NINE).work(2) == 3
