"""SL3: calendars are changed by versions; running clocks keep theirs, on both engines."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.cases import actions as cases
from portal.clocks import book, calendar_queries
from portal.clocks import calendar_actions as actions
from portal.clocks.calendar import Special
from portal.clocks.calendar_changes import Changes
from portal.clocks.kept import clocks_of
from portal.identity.actor import SYSTEM
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Stale
from portal.kernel.i18n import instant
from tests.builders import NINE, judged_case

TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)
HOUR = 3600
HOLIDAY = Special("holiday", (), "停电")
MORNING = ((9 * HOUR, 12 * HOUR),)


@pytest.fixture
def admin(staff):
    return staff["admin"]


def change(admin, *, days=None, week=None, years=None, code="cn-business", now=NINE):
    with transaction():
        actions.change(admin, now, code, Changes(days or {}, week or {}, years or {}))


def put_in_force(admin, effective=TODAY, *, now=NINE, code="cn-business", note="停电", seen=None):
    row = calendar_queries.draft(code)
    with transaction():
        return actions.put_in_force(
            admin, now, code, effective=effective, note=note, seen=row.revision if seen is None and row else seen or 0
        )


def result_clock(case):
    return next(c for c in clocks_of(case.id) if c.kind == "result")


def in_force(now=NINE):
    return book.in_force(now).calendars["cn-business"]


def test_running_clocks_keep_their_version_and_new_ones_take_the_new_one(app, engine, at, staff, admin):
    with transaction():
        running = judged_case(staff["agent"], staff["supervisor"], level="P3")
    due = result_clock(running).due_at
    change(admin, days={TOMORROW: HOLIDAY})
    assert put_in_force(admin) == [2]
    with transaction():
        later = judged_case(staff["agent"], staff["supervisor"], level="P3")
    db.session.expire_all()
    assert (result_clock(running).calendar_version, result_clock(running).due_at) == (1, due)
    assert result_clock(later).calendar_version == 2
    assert result_clock(later).due_at == due + timedelta(days=1)


def test_a_running_clock_that_is_decided_anew_keeps_its_version(app, engine, at, staff, admin):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3")
    change(admin, days={TOMORROW: HOLIDAY})
    put_in_force(admin, now=NINE + timedelta(minutes=1))
    before = {c.kind: c.due_at for c in clocks_of(case.id) if c.outcome == "running" and c.calendar == "cn-business"}
    assert before
    with transaction():
        cases.judge(
            staff["supervisor"], NINE + timedelta(minutes=5), case, level="P4", impact="single", urgency="low",
            harm=False, reason="误判",
        )  # fmt: skip
        cases.judge(
            staff["supervisor"], NINE + timedelta(minutes=6), case, level="P3", impact="single", urgency="medium",
            harm=False, reason="误判",
        )  # fmt: skip
    after = [c for c in clocks_of(case.id) if c.outcome == "running" and c.calendar == "cn-business"]
    assert {c.calendar_version for c in after} == {1}
    assert {c.kind: c.due_at for c in after if c.kind in before} == before


def test_nothing_counts_until_the_draft_is_put_in_force(app, engine, at, admin):
    change(admin, days={TOMORROW: HOLIDAY}, week={4: MORNING}, years={2027: True})
    assert in_force().version == 1
    put_in_force(admin, date(2026, 12, 1))
    assert in_force().version == 1
    assert in_force(NINE + timedelta(days=6, hours=14)).version == 1
    december = in_force(NINE + timedelta(days=6, hours=15))
    assert december.version == 2
    assert (december.week[4], december.loaded_years) == (MORNING, frozenset({2025, 2026, 2027}))
    assert calendar_queries.draft("cn-business") is None


def test_who_when_and_why_are_kept_and_told_to_the_journal(app, engine, at, admin):
    change(admin, years={2027: True})
    put_in_force(admin, note="国务院办公厅通知")
    row = calendar_queries.story("cn-business", NINE).current
    assert (row.version, row.by_id, row.at, row.note) == (2, admin.id, NINE, "国务院办公厅通知")
    assert [line.facts["version"] for line in stream.read(actions.STREAM)] == [2]
    assert stream.faults([actions.STREAM]) == []


def test_versions_are_never_changed(app, engine, at, admin):
    before = dict(calendar_queries.story("cn-business", NINE).rows[0].data)
    change(admin, days={date(2026, 10, 1): None})
    put_in_force(admin)
    db.session.expire_all()
    assert calendar_queries.story("cn-business", NINE).rows[0].data == before


def test_an_earlier_version_does_not_undo_nor_lose_a_coming_one(app, engine, at, admin):
    """New hours wait for January; a day off is needed tomorrow. Neither is lost."""
    change(admin, week={4: MORNING})
    put_in_force(admin, date(2027, 1, 1))
    change(admin, days={TOMORROW: HOLIDAY})
    assert put_in_force(admin) == [3, 4]
    now = in_force()
    assert (now.version, now.week[4] == MORNING, now.exceptions[TOMORROW]) == (3, False, HOLIDAY)
    january = in_force(NINE + timedelta(days=40))
    assert (january.version, january.week[4], january.exceptions[TOMORROW]) == (4, MORNING, HOLIDAY)
    coming = calendar_queries.story("cn-business", NINE).coming
    assert [(row.version, instant(row.effective_from)) for row in coming] == [(4, "2027-01-01 00:00")]


def test_a_change_taken_back_leaves_no_draft(app, engine, at, admin):
    change(admin, days={TOMORROW: HOLIDAY})
    assert calendar_queries.drafted("cn-business")
    change(admin, days={TOMORROW: None})
    assert calendar_queries.draft("cn-business") is None


def test_what_cannot_be_kept_leaves_everything_as_it_was(app, engine, at, admin):
    change(admin, days={TOMORROW: HOLIDAY})
    with pytest.raises(Invalid, match="calendar_too_short"):
        change(admin, week=dict.fromkeys(range(7), ()))
    assert calendar_queries.drafted("cn-business") == Changes({TOMORROW: HOLIDAY})
    with pytest.raises(Invalid, match="effective_past"):
        put_in_force(admin, TODAY - timedelta(days=1))
    with pytest.raises(Stale):
        put_in_force(admin, seen=7)
    assert in_force().version == 1


def test_a_draft_is_put_in_force_once(app, engine, at, admin):
    change(admin, days={TOMORROW: HOLIDAY})
    put_in_force(admin)
    with pytest.raises(Stale):
        put_in_force(admin, seen=1)
    assert in_force().version == 2


def test_a_calendar_is_added_and_has_gaps_until_its_years_are_loaded(app, engine, at, admin):
    with transaction():
        actions.add_calendar(
            admin, NINE, code="night-desk", name="夜班", zone="Asia/Shanghai", week=[MORNING] * 7, observes=True,
            effective=TODAY, note="夜间值守",
        )  # fmt: skip
    assert book.in_force(NINE).calendars["night-desk"].loaded_years == frozenset()
    assert [(g.code, g.year, g.loud) for g in calendar_queries.open_gaps(NINE)] == [
        ("cn-business", 2027, True), ("night-desk", 2026, True), ("night-desk", 2027, True),
    ]  # fmt: skip
    change(admin, years={2026: True, 2027: True}, code="night-desk")
    put_in_force(admin, code="night-desk")
    assert {g.code for g in calendar_queries.open_gaps(NINE)} == {"cn-business"}


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"code": "cn-business"}, "calendar_code_taken", "code"),
        ({"zone": "Asia/Atlantis"}, "calendar_zone_unknown", "zone"),
        ({"zone": "../etc"}, "calendar_zone_unknown", "zone"),
        ({"week": [()] * 7}, "calendar_too_short", "week"),
        ({"week": [((0, 1800),)] + [()] * 6}, "calendar_too_short", "week"),
        ({"effective": TODAY - timedelta(days=1)}, "effective_past", "effective"),
        ({"effective": date(2300, 1, 1)}, "effective_far", "effective"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_at_its_field(app, at, admin, facts, code, field):
    good = {
        "code": "night-desk", "name": "夜班", "zone": "Asia/Shanghai", "week": [MORNING] * 7, "observes": False,
        "effective": TODAY, "note": "x",
    }  # fmt: skip
    with pytest.raises(Invalid, match=code) as refused, transaction():
        actions.add_calendar(admin, NINE, **(good | facts))
    assert refused.value.facts["field"] == field


def test_only_administrators_change_calendars(app, at, staff):
    for role in ("supervisor", "quality", "auditor", "agent", "head", "security"):
        with pytest.raises(Forbidden):
            change(staff[role], days={TOMORROW: HOLIDAY})
        with pytest.raises(Forbidden):
            put_in_force(staff[role], seen=1)
    change(SYSTEM, days={TOMORROW: HOLIDAY})


def test_no_deadline_is_provisional_in_years_that_every_version_of_every_calendar_knows(app, engine, at, staff, admin):
    since, until = book.sure()
    assert since < NINE.timestamp() < until
    assert until <= datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    change(admin, years={2026: False})
    put_in_force(admin, note="年份撤回")
    since, until = book.sure()
    assert not since <= NINE.timestamp() < until
