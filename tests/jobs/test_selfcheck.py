"""SL9: due instants, verdicts and queue facts follow from the journal; whatever was moved by hand is named."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks import book
from portal.clocks.calendar import to_data
from portal.clocks.models import CalendarVersion, Clock, Segment
from portal.clocks.seed import seeded_calendars
from portal.collaboration import actions as together
from portal.jobs import night, order_check
from portal.jobs.doctor import examine
from portal.jobs.loop import Worker
from portal.jobs.selfcheck import BATCH, OF_CASE, OF_CLOCK, OF_SEGMENT, OF_SUMMARY, check, check_some
from portal.journal import stream
from portal.journal.models import Body, Entry
from portal.kernel import feed
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from portal.satisfaction import actions as satisfaction
from portal.workflows.models import OrderStep
from tests.builders import NINE, closed_case, judged_case, make_case
from tests.workflows import builders

HOUR = timedelta(hours=1)
LATER = NINE + timedelta(days=1)


def told(by, case: Case, now: datetime) -> None:
    """The customer is reached by telephone."""
    cases.contact(by, now, case, direction="out", means="phone", reached=True, words="已与客户通话")


def paused_case(staff, **changes: Any) -> Case:
    """A P2 case that waited three hours for its customer."""
    case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email", **changes)
    together.claim(staff["handler"], NINE, case)
    told(staff["handler"], case, NINE)
    together.pause(staff["handler"], NINE + HOUR, case, reason="customer", words="等待客户提供日志")
    cases.contact(staff["handler"], NINE + 4 * HOUR, case, direction="in", means="email", reached=True, words="已发来")
    return case


def ended_case(staff) -> Case:
    """A case told, refused, told again late, closed, reopened."""
    case, by = paused_case(staff), staff["handler"]
    for day, verdict in ((5, "not_satisfied"), (30, "satisfied")):
        now = NINE + day * HOUR
        cases.write_result(by, now, case, text="更换光猫后测速正常", cause_category="equipment", cause="光猫老化")
        cases.tell(by, now + HOUR, case, means="phone", words="已告知处理结果")
        cases.confirm(by, now + 2 * HOUR, case, verdict=verdict, means="phone", words="客户的原话")
    satisfaction.rate(staff["agent"], NINE + 32 * HOUR, case, overall=5, means="phone")
    cases.close(staff["agent"], NINE + 33 * HOUR, case, outcome="confirmed")
    cases.reopen(staff["supervisor"], NINE + 34 * HOUR, case, reason="故障又出现")
    return case


def everything(staff) -> None:
    """A case of each kind of fate."""
    agent, judge, by = staff["agent"], staff["supervisor"], staff["handler"]
    make_case(agent, NINE, channel="email")
    paused_case(staff)
    ended_case(staff)
    closed_case(agent, judge, by, channel="chat")
    raised = judged_case(agent, judge, level="P3", unit="tech", channel="email")
    cases.judge(judge, NINE + 2 * HOUR, raised, level="P2", impact="part", urgency="high", harm=False, reason="扩大",
                changed=True)  # fmt: skip
    misjudged = judged_case(agent, judge, level="P3", unit="tech", channel="email")
    together.claim(by, NINE, misjudged)
    told(by, misjudged, NINE)
    together.pause(by, NINE + HOUR, misjudged, reason="customer", words="等待客户")
    cases.judge(judge, NINE + 4 * HOUR, misjudged, level="P1", impact="wide", urgency="high", harm=False, reason="误判")
    extended = judged_case(agent, judge, level="P2", unit="tech", channel="email")
    together.extend(by, NINE + HOUR, extended, due=NINE + 40 * HOUR, reason="等备件", told="已致歉并说明")
    into = judged_case(agent, judge, level="P1", unit="tech", channel="hotline")
    together.claim(by, NINE, into)
    told(by, into, NINE + timedelta(minutes=9))  # the lead department has spoken
    together.merge(judge, NINE + HOUR, make_case(agent), into, reason="同一故障")
    cases.void(judge, NINE + HOUR, make_case(agent), reason="误拨电话")


def test_whatever_happens_to_a_case_its_times_follow_from_its_journal(app, engine, at, staff):
    with transaction():
        everything(staff)
    found = check(LATER)
    assert found.differences == []
    assert (found.cases, found.erased) == (10, 0)
    assert found.clocks == len(list(db.session.scalars(select(Clock.id))))


def moved(row: Any, name: str) -> Any:
    """Another value than the one the row keeps."""
    value = getattr(row, name)
    match value:
        case bool():
            return not value
        case datetime():
            return value + HOUR
        case int():
            return value + 1
        case None:
            return NINE if name.endswith("_at") else 99
    return {"met": "missed", "missed": "met", "running": "met"}.get(value, f"{value}x"[-16:])


def named_after(row: Any, name: str, value: Any) -> set[tuple[str, str]]:
    """What the check names once a row's field was changed by hand; changed back afterwards."""
    model, number, before = type(row), row.id, getattr(row, name)
    with transaction():
        db.session.execute(update(model).where(model.id == number).values({name: value}))
    found = {(d.kind, d.field) for d in check(LATER).differences}
    with transaction():
        db.session.execute(update(model).where(model.id == number).values({name: before}))
    return found


def test_a_clock_changed_by_hand_is_named_in_each_of_its_facts(app, at, staff):
    with transaction():
        case = ended_case(staff)
    missed = next(c for c in clocks(case) if c.outcome == "missed")
    elsewhere = {"policy_version": 2, "calendar_version": 2, "calendar": "cn-business", "rule": "P3.result"}
    for name in OF_CLOCK:
        assert (missed.kind, name) in named_after(missed, name, elsewhere.get(name) or moved(missed, name)), name
    assert check(LATER).differences == []


def clocks(case: Case) -> list[Clock]:
    """The clocks of a case."""
    return list(db.session.scalars(select(Clock).where(Clock.case_id == case.id).order_by(Clock.id)))


def test_what_the_queues_sort_by_is_named_when_changed_by_hand(app, at, staff):
    with transaction():
        case = paused_case(staff)
    elsewhere = {"owner_id": 99, "unit_id": 1}
    for name in (*OF_CASE, *OF_SUMMARY):
        assert named_after(case, name, elsewhere.get(name) or moved(case, name)) == {("case", name)}


def test_a_stretch_changed_by_hand_is_named(app, at, staff):
    with transaction():
        case = paused_case(staff)
    row = db.session.scalars(select(Segment).where(Segment.case_id == case.id, Segment.kind == "paused")).one()
    for name in OF_SEGMENT:
        assert named_after(row, name, moved(row, name)) == {("segment", name)}


def test_a_clock_or_stretch_taken_away_or_put_in_is_named(app, at, staff):
    with transaction():
        first, second = paused_case(staff), paused_case(staff)
        db.session.delete(clocks(first)[0])
        db.session.delete(db.session.scalars(select(Segment).where(Segment.case_id == second.id)).first())
    assert {(d.kind, d.field) for d in check(LATER).differences} == {("entry", "clock"), ("segment", "count")}


def test_a_clock_moved_by_hand_is_told_by_the_doctor(app, engine, at, staff):
    with transaction():
        case = make_case(staff["agent"], NINE, channel="email")
        clock = db.session.scalar(select(Clock).where(Clock.case_id == case.id, Clock.kind == "result"))
        clock.due_at += HOUR
    (found,) = check(NINE).differences
    assert (found.no, found.kind, found.field, found.kept - found.counted) == (case.no, "result", "due_at", 3600)
    findings = {f.name: f for f in examine(NINE)}
    assert findings["clocks"].state == "fault"
    assert case.no in findings["clocks"].words
    assert "1 cases, 6 clocks counted again" in findings["clocks"].words
    assert findings["journal"].state == findings["schema"].state == "ok"
    assert (findings["holidays"].state, findings["watch"].state) == ("warn", "warn")


def test_cases_closed_more_than_ninety_days_ago_rest(app, at, staff):
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    assert check(NINE + timedelta(days=90)).cases == 1
    assert check(NINE + timedelta(days=92)).cases == 0


def said(case: Case, kind: str) -> Body:
    """What an entry of the case says."""
    mine = select(Body).join(Entry, Entry.id == Body.journal_id).where(Entry.stream == case.stream, Entry.kind == kind)
    return db.session.scalars(mine).one()


def test_a_case_with_an_erased_entry_is_counted_as_such(app, at, staff):
    with transaction() as session:
        session.execute(text("DROP TRIGGER journal_body_kept"))  # the store lets go of it for a disposal alone
        db.session.delete(said(paused_case(staff), "Judged"))
    found = check(LATER)
    assert (found.cases, found.erased, found.differences) == (1, 1, [])


def test_a_journal_that_cannot_be_followed_is_a_difference_not_a_crash(app, at, staff):
    with transaction():
        case = paused_case(staff)
        said(case, "Judged").facts = {"no": case.no}
    (found,) = check(LATER).differences
    assert (found.kind, found.field) == ("case", "journal")


def test_a_calendar_put_in_force_from_an_earlier_day_accuses_nobody(app, at, staff):
    with transaction():
        paused_case(staff)
        make_case(staff["agent"], NINE, channel="voicemail")
        for code, one in seeded_calendars().items():
            data = to_data(one) | {"version": 2, "exceptions": [{"date": "2026-11-24", "kind": "holiday", "name": "x"}]}
            db.session.add(CalendarVersion(code=code, version=2, effective_from=NINE - 9 * HOUR, data=data))
        db.session.flush()
        feed.touch(book.TOPIC, 0)
    feed.feed.refresh()
    assert set(book.in_force(NINE).calendars) == {"always", "cn-business"}
    assert {c.version for c in book.in_force(NINE).calendars.values()} == {2}
    assert check(LATER).differences == []


def test_cases_come_in_batches_and_each_once(app, at, staff):
    with transaction():
        for _ in range(5):
            make_case(staff["agent"], NINE)
    sizes, last = [], 0
    while last is not None:
        found, last = check_some(LATER, last, 2)
        sizes.append(found.cases)
    assert sizes == [2, 2, 1]
    assert BATCH > 2


def checked(worker: Worker, now: datetime) -> datetime:
    """Ticks until tonight's check is over."""
    for _ in range(20):
        if not worker.night.step(now):
            break
        now += timedelta(seconds=1)
    return now


def test_every_night_the_check_runs_once_and_says_so(app, engine, at, staff, monkeypatch):
    monkeypatch.setattr(night, "SLICE", 2)
    with transaction():
        everything(staff)
    first, second = Worker(), Worker()
    checked(first, LATER)
    checked(second, LATER)
    checked(first, LATER + timedelta(days=1))
    lines = stream.read(night.STREAM)
    assert [(line.kind, line.facts["night"], line.facts["cases"]) for line in lines] == [
        ("Checked", "2026-11-25", 10),
        ("Checked", "2026-11-26", 10),
    ]
    assert {f.name: f.state for f in examine(LATER + timedelta(days=1))}["night"] == "ok"
    assert {f.name: f.state for f in examine(LATER + timedelta(days=4))}["night"] == "warn"


def test_differences_are_kept_and_told_to_administrators_once_a_night(app, engine, at, staff):
    with transaction():
        case = paused_case(staff)
        db.session.execute(update(Clock).where(Clock.case_id == case.id, Clock.kind == "result").values(outcome="met"))
        no = case.no
    worker = Worker()
    for day in (0, 0, 1):
        checked(worker, LATER + timedelta(days=day))
    news = list(db.session.scalars(select(Notice).where(Notice.kind == "selfcheck")))
    assert {n.person_id for n in news} == {staff["admin"].id}
    assert [n.facts["title"] for n in news] == [no, no]
    kept = night.differences_of("2026-11-25")
    assert next((d.no, d.kind, d.field, d.kept, d.counted) for d in kept) == (no, "result", "outcome", "met", "running")
    finding = {f.name: f for f in examine(LATER + timedelta(days=1))}["night"]
    assert finding.state == "fault"
    assert no in finding.words


def test_another_worker_goes_on_where_one_died(app, engine, at, staff, monkeypatch):
    monkeypatch.setattr(night, "SLICE", 4)
    with transaction():
        everything(staff)
    dead, alive = Worker(), Worker()
    assert dead.night.step(LATER)
    assert not alive.night.step(LATER + timedelta(seconds=1))
    assert stream.read(night.STREAM) == []
    checked(alive, LATER + timedelta(seconds=200))
    (line,) = stream.read(night.STREAM)
    assert line.facts["cases"] == 10
    assert not dead.night.step(LATER + timedelta(seconds=300))


def test_the_night_begins_at_two(app, at, staff):
    two = datetime.fromisoformat("2026-11-25T02:00+08:00")
    worker = Worker()
    worker.night.step(two - timedelta(seconds=1))
    worker.night.step(two)
    assert [line.facts["night"] for line in stream.read(night.STREAM)] == ["2026-11-24", "2026-11-25"]


def test_orders_are_lived_through_again_and_what_was_changed_by_hand_is_named(app, engine, at, staff):
    boss = staff["supervisor"]
    with transaction():
        builders.crew()
        nos = [builders.raised(boss, flow).no for flow in ("verification", "provisioning", "fault")]
    for no in nos:
        builders.led(boss, no, builders.first)
    assert order_check.check_some(NINE, 0, 50)[0].differences == []
    checked(Worker(), LATER)
    assert stream.read(night.STREAM)[-1].facts["orders"] == 3
    with transaction():
        step = db.session.scalars(select(OrderStep).where(OrderStep.kind == "task").order_by(OrderStep.id)).first()
        db.session.execute(update(OrderStep).where(OrderStep.id == step.id).values(outside_no="X-9"))
    found, _last = order_check.check_some(NINE, 0, 50)
    assert [(d.no, d.kind, d.field, d.kept) for d in found.differences] == [(nos[0], "steps", "outside_no", "X-9")]
    assert {f.name: f.state for f in examine(LATER)}["orders"] == "fault"
