"""What the users of other systems complained of, row by row: no clock of ours goes wrong that way."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks import book
from portal.clocks.calendar import BeyondHorizon, Calendar, CalendarRefused, from_data, to_data
from portal.clocks.kept import clocks_of, decision_of, segments_of
from portal.clocks.models import CalendarVersion, Clock, PolicyVersion
from portal.clocks.seed import seeded_calendars, seeded_policy
from portal.collaboration import actions as together
from portal.jobs.doctor import examine
from portal.jobs.selfcheck import check
from portal.jobs.watch import look
from portal.kernel import feed
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE, judged_case, make_case

HOUR = timedelta(hours=1)
HOLIDAY = {"date": "2026-11-25", "kind": "holiday", "name": "停电"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


def clock(case: Case, kind: str = "result", cycle: int = 1) -> Clock:
    """The latest clock of a kind in a cycle."""
    return [c for c in clocks_of(case.id) if (c.kind, c.cycle) == (kind, cycle)][-1]


def in_work(staff, level: str = "P2", now: datetime = NINE, **changes) -> Case:
    """A case that its lead department has taken and spoken about."""
    facts = {"channel": "email", "unit": "tech"} | changes
    case = judged_case(staff["agent"], staff["supervisor"], level=level, now=now, **facts)
    together.claim(staff["handler"], now, case)
    said = {"direction": "out", "means": "phone", "reached": True, "words": "已与客户通话"}
    cases.contact(staff["handler"], now, case, **said)
    return case


def ended(staff, case: Case, now: datetime) -> None:
    """Result written, told, confirmed, rated, closed."""
    by = staff["handler"]
    cases.write_result(by, now, case, text="更换光猫后测速正常", cause_category="equipment", cause="光猫老化")
    cases.tell(by, now, case, means="phone", words="已告知处理结果")
    cases.confirm(staff["agent"], now, case, verdict="satisfied", means="phone", words="可以了")
    satisfaction.rate(staff["agent"], now, case, overall=5, means="phone")
    cases.close(staff["agent"], now, case, outcome="confirmed")


def judged_again(staff, case: Case, now: datetime, level: str, *, changed: bool) -> None:
    cases.judge(staff["supervisor"], now, case, level=level, impact="part", urgency="high", harm=False,
                reason="重新判定", changed=changed, unit_id=case.unit_id)  # fmt: skip


# 1: wrong after reopening


def test_closed_late_reopened_and_closed_in_time_keeps_both_verdicts(app, engine, at, staff):
    with transaction():
        case = in_work(staff)
        ended(staff, case, NINE + 30 * HOUR)
        cases.reopen(staff["supervisor"], NINE + 80 * HOUR, case, reason="故障又出现")
        before = clock(case, cycle=1)
        kept = (before.outcome, before.due_at, before.breached_at, before.stopped_at)
        again = clock(case, cycle=2)
        assert (again.outcome, again.started_at) == ("running", NINE + 80 * HOUR)
        assert again.due_at == NINE + 104 * HOUR  # a budget of its own, the closed days are nobody's time
        ended(staff, case, NINE + 90 * HOUR)
    assert kept == ("missed", NINE + 24 * HOUR, NINE + 24 * HOUR, NINE + 30 * HOUR)
    db.session.expire_all()
    first, second = clock(case, cycle=1), clock(case, cycle=2)
    assert (first.outcome, first.due_at, first.breached_at, first.stopped_at) == kept
    assert (second.outcome, second.breached_at) == ("met", None)
    assert check(NINE + 91 * HOUR).differences == []


def test_a_cases_time_has_no_hole_and_no_overlap_and_closed_is_a_kind_of_its_own(app, at, staff):
    with transaction():
        case = in_work(staff)
        ended(staff, case, NINE + 3 * HOUR)
        cases.reopen(staff["supervisor"], NINE + 50 * HOUR, case, reason="故障又出现")
    found = segments_of(case.id)
    assert [s.kind for s in found][-3:] == ["told", "closed", "running"]
    assert all(here.from_at <= after.from_at for here, after in pairwise(found))
    closed = next(s for s in found if s.kind == "closed")
    assert (closed.from_at, found[-1].from_at) == (NINE + 3 * HOUR, NINE + 50 * HOUR)


# 2: the pause is lost when the level changes


@pytest.mark.parametrize(("level", "due"), [("P1", NINE + 5 * HOUR), ("P2", NINE + 27 * HOUR)])
def test_three_hours_of_pause_are_kept_when_the_level_changes(app, engine, at, staff, level, due):
    with transaction():
        case = in_work(staff, "P3")
        together.pause(staff["handler"], NINE + HOUR, case, reason="customer", words="等待客户日志")
        together.resume(staff["handler"], NINE + 4 * HOUR, case, why="日志已到")
        judged_again(staff, case, NINE + 4 * HOUR, level, changed=False)
    assert clock(case).due_at == due
    assert check(NINE + 5 * HOUR).differences == []


def test_a_raise_to_p1_ends_the_pause_and_keeps_what_it_was(app, at, staff):
    with transaction():
        case = in_work(staff, "P3")
        together.pause(staff["handler"], NINE + HOUR, case, reason="customer", words="等待客户日志")
        judged_again(staff, case, NINE + 4 * HOUR, "P1", changed=False)
    assert (case.paused, clock(case).paused_at) == ("", None)
    assert clock(case).due_at == NINE + 5 * HOUR


def test_a_pause_after_the_situation_changed_moves_the_new_due_instant_and_nothing_else(app, engine, at, staff):
    with transaction():
        case = in_work(staff, "P4")
        judged_again(staff, case, NINE + 30 * HOUR, "P2", changed=True)
        assert clock(case).due_at == NINE + 54 * HOUR  # the change and 24 hours
        together.pause(staff["handler"], NINE + 31 * HOUR, case, reason="customer", words="等待客户日志")
        together.resume(staff["handler"], NINE + 34 * HOUR, case, why="日志已到")
    assert clock(case).due_at == NINE + 57 * HOUR
    assert check(NINE + 35 * HOUR).differences == []


def test_a_change_during_a_pause_is_moved_by_the_rest_of_it(app, at, staff):
    with transaction():
        case = in_work(staff, "P4")
        together.pause(staff["handler"], NINE + 20 * HOUR, case, reason="customer", words="等待客户日志")
        judged_again(staff, case, NINE + 30 * HOUR, "P2", changed=True)
        together.resume(staff["handler"], NINE + 33 * HOUR, case, why="日志已到")
    assert clock(case).due_at == NINE + 57 * HOUR
    assert check(NINE + 35 * HOUR).differences == []


def test_a_pause_over_the_holidays_adds_only_the_working_time_lost(app, at, staff):
    with transaction():
        case = in_work(staff, "P3", local("2026-09-30T10:00"))
        assert clock(case).due_at == local("2026-10-08T18:00")
        together.pause(staff["handler"], local("2026-09-30T17:00"), case, reason="customer", words="等待客户日志")
        together.resume(staff["handler"], local("2026-10-08T10:00"), case, why="日志已到")
    assert clock(case).due_at == local("2026-10-09T11:00")  # one hour before, one after the seven days


# 3: wrong over weekends and holidays, warnings at midnight


def test_the_warning_comes_at_three_quarters_of_the_working_time(app, at, staff):
    with transaction():
        case = make_case(staff["agent"], local("2026-09-30T16:15"), channel="email")
    judging = clock(case, "judgement")
    assert judging.due_at == local("2026-10-08T09:15")
    assert judging.warn_at == local("2026-09-30T17:45")  # 90 of 120 minutes; not some hours of holiday before
    told = []
    for moment in ("2026-09-30T17:44:59", "2026-09-30T17:45:00"):
        look(local(moment))
        told.append(any(n.facts.get("clock") == "judgement" for n in db.session.scalars(select(Notice))))
    assert told == [False, True]


def test_no_warning_of_an_office_clock_lies_outside_its_office_hours(app, at, staff):
    with transaction():
        made = [make_case(staff["agent"], local(f"2026-09-30T{hour:02}:20"), channel="email") for hour in range(9, 24)]
    calendar = book.in_force(NINE).calendars["cn-business"]
    for case in made:
        warn = int(clock(case, "judgement").warn_at.timestamp())
        assert calendar.next_opening(warn) == warn or calendar.between(warn - 1, warn) == 1


# 4: midnight, 24:00


def test_around_the_clock_is_around_the_clock_and_midnight_belongs_to_one_day(app, at, staff):
    start = local("2026-12-31T23:50")
    with transaction():
        met, missed = (judged_case(staff["agent"], staff["supervisor"], level="P1", now=start, unit="tech",
                                   channel="email") for _ in range(2))  # fmt: skip
        assert clock(met, "first_response").due_at == local("2027-01-01T00:05")
        said = {"direction": "out", "means": "phone", "reached": True, "words": "已与客户通话"}
        cases.contact(staff["handler"], local("2027-01-01T00:05"), met, **said)
        cases.contact(staff["handler"], local("2027-01-01T00:05:01"), missed, **said)
    assert (clock(met, "first_response").outcome, clock(missed, "first_response").outcome) == ("met", "missed")
    assert clock(missed, "first_response").breached_at == local("2027-01-01T00:05")


def test_the_calendar_around_the_clock_reaches_24_00_and_has_no_seam(app):
    always = book.in_force(NINE).calendars["always"]
    assert to_data(always)["week"]["sun"] == ["00:00-24:00"]
    midnight = int(local("2026-10-11T00:00").timestamp())
    assert [always.add(midnight - 1, n) - midnight for n in (1, 2, 3)] == [0, 1, 2]


# 5: no working time, endless loops


@pytest.mark.parametrize("week", [{}, {"mon": ["09:00-09:59"]}, {"sat": ["10:00-10:30"], "sun": ["10:00-10:29"]}])
def test_a_calendar_without_an_hour_a_week_is_refused(week):
    with pytest.raises(CalendarRefused, match="calendar_too_short"):
        from_data({"code": "idle", "version": 1, "zone": "Asia/Shanghai", "week": week})


def test_what_no_calendar_can_hold_ends_in_an_error_not_in_a_loop():
    short = Calendar("short", 1, "Asia/Shanghai", (((0, 3600),),) + ((),) * 6)
    with pytest.raises(BeyondHorizon):
        short.add(0, 100_000 * 3600)
    with pytest.raises(BeyondHorizon):
        short.add_weeks(0, 10**9)


def test_a_year_without_holidays_is_said(app, at, staff):
    words = {f.name: f for f in examine(NINE)}["holidays"]
    assert (words.state, f"{book.calendar_name('cn-business')} 2027" in words.words) == ("warn", True)
    with transaction():
        case = in_work(staff, "P3", local("2026-12-31T10:00"))
    assert clock(case).provisional


# 20: a change of policy or calendar does not rewrite history


def put_in_force(since: datetime) -> None:
    """Policy 2 halves the result of P2; calendar 2 has one holiday more. Call inside transaction()."""
    data = seeded_policy()
    rows = [row | ({"amount": 12 * 3600} if row["id"] == "P2.result" else {}) for row in data["rows"]]
    db.session.add(PolicyVersion(version=2, effective_from=since, data=data | {"rows": rows, "version": 2}))
    one = seeded_calendars()["cn-business"]
    data = to_data(one)
    changed = data | {"version": 2, "exceptions": [*data["exceptions"], HOLIDAY]}
    db.session.add(CalendarVersion(code="cn-business", version=2, effective_from=since, data=changed))
    db.session.flush()
    feed.touch(book.TOPIC, 0)


def verdicts() -> dict[int, tuple]:
    """What judges each clock, and how."""
    rows = db.session.scalars(select(Clock))
    return {c.id: (c.due_at, c.outcome, c.policy_version, c.calendar_version) for c in rows}


def test_running_and_ended_cases_keep_the_versions_that_judged_them(app, engine, at, staff):
    with transaction():
        running, over, office = in_work(staff), in_work(staff), in_work(staff, "P3")
        ended(staff, over, NINE + 20 * HOUR)
    before = verdicts()
    with transaction():
        put_in_force(NINE + 21 * HOUR)
    feed.feed.refresh()
    with transaction():
        fresh = in_work(staff, now=NINE + 22 * HOUR)
        ended(staff, db.session.get_one(Case, running.id), NINE + 23 * HOUR)
    after = verdicts()
    stopped = {c.id for c in clocks_of(running.id) if c.stopped_at == NINE + 23 * HOUR}
    untouched = before.keys() - stopped
    assert {i: before[i] for i in untouched} == {i: after[i] for i in untouched}
    result = clock(running)
    assert (result.outcome, result.due_at, result.policy_version) == ("met", NINE + 24 * HOUR, 1)
    assert decision_of(result).winner.amount == 24 * 3600
    assert clock(office).calendar_version == 1
    assert (clock(fresh).due_at, clock(fresh).policy_version) == (NINE + 34 * HOUR, 2)
    assert check(NINE + 24 * HOUR).differences == []


# 21: overdue on reopening; a breach that vanishes


def test_telling_late_and_closing_never_erase_the_breach(app, engine, at, staff):
    with transaction():
        case = in_work(staff)
    look(NINE + 25 * HOUR)
    with transaction():
        case = db.session.get_one(Case, case.id)
        ended(staff, case, NINE + 26 * HOUR)
    found = clock(case)
    assert (found.outcome, found.breached_at, found.met_original) == ("missed", NINE + 24 * HOUR, False)


def test_a_case_withdrawn_after_its_time_ran_out_has_missed_it(app, at, staff):
    with transaction():
        case = in_work(staff)
        cases.close(staff["supervisor"], NINE + 25 * HOUR, case, outcome="withdrawn", reason="客户撤回")
    assert (clock(case).outcome, clock(case).breached_at) == ("missed", NINE + 24 * HOUR)


@pytest.mark.parametrize("changed", [False, True])
def test_a_lower_level_does_not_cure_what_has_run_out(app, engine, at, staff, changed):
    with transaction():
        case = in_work(staff)
        judged_again(staff, case, NINE + 26 * HOUR, "P4", changed=changed)
        assert clock(case).due_at == NINE + 24 * HOUR
        by, done = (
            staff["handler"],
            {"text": "已列入优化清单，下季度实施", "cause_category": "process", "cause": "流程"},
        )
        cases.write_result(by, NINE + 27 * HOUR, case, **done)
        cases.tell(staff["handler"], NINE + 28 * HOUR, case, means="phone", words="已告知处理结果")
    assert (clock(case).outcome, clock(case).breached_at) == ("missed", NINE + 24 * HOUR)
    assert check(NINE + 29 * HOUR).differences == []


def test_a_higher_level_by_misjudgement_reaches_into_the_past(app, at, staff):
    with transaction():
        case = in_work(staff, "P3")
        judged_again(staff, case, NINE + 4 * HOUR, "P1", changed=False)
    assert clock(case).due_at == NINE + 2 * HOUR


def test_reopening_an_old_case_alarms_nobody_at_once(app, engine, at, staff):
    with transaction():
        case = in_work(staff)
        ended(staff, case, NINE + 30 * HOUR)
    look(NINE + 31 * HOUR)
    before = len(list(db.session.scalars(select(Notice))))
    with transaction():
        case = db.session.get_one(Case, case.id)
        cases.reopen(staff["supervisor"], NINE + 400 * HOUR, case, reason="故障又出现")
    assert look(NINE + 400 * HOUR) == 0
    assert len(list(db.session.scalars(select(Notice)))) == before
    assert case.press == int((NINE + 424 * HOUR).timestamp())
