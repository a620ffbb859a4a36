"""QU11: an open case without an entry for too long is marked and listed."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.desk.forgotten import stale
from portal.desk.staleness import days_over_since, is_stale, stale_from
from portal.identity.actions import set_fact
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.feed import feed
from tests.builders import NINE, judged_case


def at_(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def row(level: str, entry: str, state: str = "in_work") -> SimpleNamespace:
    return SimpleNamespace(level=level, proposed_level="P3", state=state, entry_at=at_(entry))


@pytest.mark.parametrize(
    ("level", "entry", "then"),
    [
        ("P1", "2026-11-24 09:00", "2026-11-24 09:30"),
        ("P2", "2026-11-24 09:00", "2026-11-24 13:00"),
        ("P3", "2026-11-24 09:00", "2026-11-25 18:00"),
        ("P3", "2026-11-27 17:59", "2026-11-30 18:00"),
        ("P3", "2026-11-28 11:00", "2026-11-30 18:00"),
        ("", "2026-09-30 17:55", "2026-10-08 18:00"),
        ("P4", "2026-11-24 09:00", "2026-12-01 09:00"),
    ],
)
def test_when_a_case_counts_as_forgotten(app, at, level, entry, then):
    one, now = row(level, entry), at_("2026-12-01 09:00")
    assert stale_from(one, now) == at_(then)
    assert not is_stale(one, at_(then) - 1)
    assert is_stale(one, at_(then))
    assert not is_stale(row(level, entry, "waiting"), at_("2027-03-01 09:00"))


@pytest.mark.parametrize("entry", ["2026-11-24 09:00", "2026-11-27 23:59", "2026-11-28 00:00", "2026-11-30 00:00"])
def test_the_list_and_the_mark_agree_about_working_days(app, at, entry):
    for hours in range(0, 150, 3):
        now = at_(entry) + hours * 3600
        assert (at_(entry) <= days_over_since(now)) == is_stale(row("P3", entry), now)


def test_the_longest_forgotten_stand_on_the_desk_of_those_who_assign(app, engine, at, staff, signed_in):
    with transaction():
        for minutes, level in enumerate(("P1", "P2", "P3", "P4")):
            then = NINE + timedelta(minutes=minutes)
            judged_case(
                staff["agent"], staff["supervisor"], level=level, unit="tech", now=then, title=f"{level} 无人记录"
            )
        judged_case(staff["agent"], staff["supervisor"], level="P1", unit="business", title="业务处理组的事")
    now = int(at(hours=5).timestamp())
    assert [one.level for one in stale(staff["supervisor"], now)[0]] == ["P1", "P1", "P2"]
    assert [one.level for one in stale(staff["head"], now)[0]] == ["P1", "P2"]
    assert stale(staff["handler"], now) == ([], 0)
    later = int(at(days=8).timestamp())
    assert [one.level for one in stale(staff["head"], later)[0]] == ["P1", "P2", "P3", "P4"]
    assert 'id="stale"' in signed_in(staff["head"]).get("/desk").get_data(as_text=True)
    assert 'id="stale"' not in signed_in(staff["handler"]).get("/desk").get_data(as_text=True)
    with transaction():
        for case in db.session.query(Case):
            cases.note(staff["supervisor"], at(days=8), case, text="已联系客户核实情况")
    at(days=8, minutes=1)
    assert 'id="stale"' not in signed_in(staff["head"]).get("/desk").get_data(as_text=True)


def test_the_list_reads_the_index_of_open_cases(app, at):
    plan = db.session.connection().exec_driver_sql(
        "EXPLAIN QUERY PLAN SELECT no FROM cases WHERE open = 1 AND state NOT IN ('waiting', 'planned')"
        " AND entry_at <= CASE level WHEN 'P1' THEN 1 ELSE 2 END ORDER BY entry_at LIMIT 9"
    )
    assert any("ix_cases_stale" in line[3] for line in plan)


def test_every_page_says_in_red_that_the_watch_has_stopped(app, at, staff, signed_in):
    with transaction():
        set_fact("heartbeat", str(clock.millis() // 1000))
    browser = signed_in(staff["agent"])
    browser.set_cookie("locale", "en")
    feed.refresh()
    at(seconds=60)
    assert '<span id="watch" class="">Deadline watch running' in browser.get("/notices").get_data(as_text=True)
    at(seconds=125)
    page = browser.get("/notices").get_data(as_text=True)
    assert '<span id="watch" class="late-text">Deadline watch stopped for 2 min' in page
