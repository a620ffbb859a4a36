"""SL9, "who used the time": a case told with a moved clock, its picture, its table and its sentences, by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.cases import actions as cases
from portal.clocks.kept import clocks_of, segments_of
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.desk import case_time, case_why
from portal.identity.queries import unit_by_code
from portal.kernel.db import transaction
from portal.kernel.i18n import speaking
from portal.kernel.instants import epoch
from tests.builders import NINE, closed_case, judged_case

EVE = datetime(2026, 12, 31, 9, 50, tzinfo=UTC)  # New Year's Eve 17:50: the next working day lies in 2027

MARK = '">暂定</span>'
MARK_IN_ROW = '<span class="tag tag-warn">暂定</span>'


def told(case, now, language: str = "en"):
    with speaking(language):
        return case_time.story(case, clocks_of(case.id), segments_of(case.id), epoch(now))


def explained(case, clock: Clock, now, language: str = "en"):
    with speaking(language):
        return case_why.why(case, clock, now)


def result_of(case) -> Clock:
    return next(c for c in reversed(clocks_of(case.id)) if c.kind == "result")


@pytest.fixture
def handed_on(app, at, staff):
    """P3 by e-mail on a Tuesday: 9:00 customer service, 11:00 technical support, 14:00-15:00 the customer's."""
    handler = staff["handler"]
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="service", channel="email")
        eleven = NINE + timedelta(hours=2)
        together.transfer(
            staff["agent"], eleven, case, unit_id=unit_by_code("tech").id, reason="需要现场处理，线路问题"
        )
        cases.contact(handler, eleven, case, direction="out", means="phone", reached=True, words="请客户提供照片")
        together.pause(handler, NINE + timedelta(hours=5), case, reason="customer", words="等客户拍照")
        together.resume(handler, NINE + timedelta(hours=6), case, why="照片已收到")
    return case


def test_each_department_has_its_share_of_the_limit(handed_on):
    # 1 working day ends Wednesday 18:00; the paused hour moves it to Thursday 10:00. From Tuesday 9:00 that is
    # 8 + 8 + 1 working hours, 16 without the pause. At Tuesday 18:00: service 2 h, technical support 5 h without lunch.
    found = told(handed_on, NINE + timedelta(hours=9))
    assert [(u.unit, u.held, u.working, u.share, u.paused) for u in found.used] == [
        ("Customer service", "2 h", "2 h", "12.5 %", "–"),
        ("Technical support", "6 h", "5 h", "31.2 %", "1 h"),
    ]
    assert (found.total.held, found.total.working, found.total.share) == ("8 h", "7 h", "43.8 %")
    assert found.limit == "Result 1 working day"
    assert [band.stretch.kind for band in found.picture.bands] == ["running", "running", "paused", "running"]
    assert "Technical support held the case longest, 6 h" in found.title


@pytest.mark.parametrize(
    ("level", "share"),
    [("P1", "25.0 %"), ("P2", "2.1 %"), ("P3", "3.1 %"), ("P4", "0.1 %")],  # of 2 h, 24 h, 16 working hours, 2 weeks
)
def test_half_an_hour_is_another_share_at_each_level(app, at, staff, level, share):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech", channel="email")
    (tech,) = told(case, NINE + timedelta(minutes=30)).used
    assert (tech.held, tech.share) == ("30 min", share)


def test_the_sentences_say_from_when_by_what_and_what_did_not_count(handed_on):
    found = explained(handed_on, result_of(handed_on), NINE + timedelta(hours=9))
    assert found["said"] == (
        "The time counts from 2026-11-24 09:00, when the request was received. By the table of limits by level the "
        "limit is 1 working day (Working hours of mainland China). From 2026-11-24 14:00 to 2026-11-24 15:00 it stood "
        "still: Waiting for the customer. So it is due by 2026-11-26 10:00."
    )
    rows = [(name, text, figure) for name, text, figure, *_ in found["rows"]]
    assert ("Sum", "7 h of 16 h used so far", "43.8 %") in rows
    assert ("Sum", "passed without counting", "2 h") in rows  # lunch and the pause
    assert ("Not counted", "2026-11-24 14:00 – 2026-11-24 15:00 · Waiting for the customer", "01:00:00") in rows
    assert [u.unit for u in found["time"].used] == ["Customer service", "Technical support"]


def test_the_rule_that_lost_is_named_with_its_time(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="voicemail")
    first = next(c for c in clocks_of(case.id) if c.losers)
    texts = [row.text for row in explained(case, first, NINE)["rows"]]
    assert any("did not win, the case goes by the stricter of level and channel" in text for text in texts)


def test_a_late_case_says_so_first(handed_on):
    found = told(handed_on, NINE + timedelta(days=4))
    assert "not kept" in found.title
    assert found.total.late
    late = next(words for words in found.lanes if words.name == "Result")
    assert late.late
    assert late.note == "late by 1 d 23 h"  # due Thursday 10:00, now Saturday 9:00


def test_a_finished_case_has_no_now_and_nothing_is_left(app, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2")
    found = told(case, NINE + timedelta(days=30))
    assert found.picture.now is None
    assert (found.picture.low, found.picture.high) == (epoch(NINE), epoch(NINE + timedelta(minutes=35)))
    assert {p.look for lane in found.picture.lanes for p in lane.pieces} <= {"run", "pause", "cut"}
    assert found.used[-1].customer == "15 min"  # told at 9:20, closed at 9:35


def test_a_second_round_leaves_the_customers_time_out(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        handler, hour = staff["handler"], NINE + timedelta(hours=1)
        cases.write_result(handler, hour, case, text="远程重置光猫并复测", cause_category="equipment", cause="老化")
        cases.tell(handler, hour, case, means="phone", words="已告知处理结果")
        cases.confirm(
            staff["agent"], NINE + timedelta(hours=4), case, verdict="not_satisfied", means="phone", words="没好"
        )
    again = result_of(case)
    found = explained(case, again, NINE + timedelta(hours=5))
    assert again.round == 2
    assert "with the customer" in found["said"]
    (tech,) = found["time"].used
    assert (tech.held, tech.customer, tech.share) == ("2 h", "3 h", "8.3 %")  # 2 of 24 hours


def test_a_year_without_holidays_is_marked_wherever_its_deadlines_stand(app, at, staff, signed_in):
    at(EVE)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", now=EVE, unit="service", channel="chat")
        cases.contact(
            staff["agent"], EVE, case, direction="out", means="chat", reached=True, words="已答复"
        )  # the result presses most now
    browser = signed_in(staff["supervisor"])
    page = browser.get(f"/cases/{case.no}").get_data(as_text=True)
    guessed = [c for c in clocks_of(case.id) if c.provisional]
    assert guessed
    assert page.split('id="case-rest"')[0].count(MARK) == len(guessed)
    assert "暂定" in explained(case, guessed[0], EVE, "zh_Hans_CN")["said"]
    assert browser.get("/queues/service").get_data(as_text=True).count(MARK_IN_ROW) == 1
    at(EVE + timedelta(days=15))
    browser = signed_in(staff["supervisor"])
    for path in ("/reports?quarter=2027Q1", "/reports/quarterly/2027Q1", "/reports/time?quarter=2027Q1"):
        assert 'id="provisional"' in browser.get(path).get_data(as_text=True)
    behind = browser.get("/reports/cases?figure=attainment&quarter=2027Q1&part=miss").get_data(as_text=True)
    assert "暂定" in behind


def test_a_loaded_year_is_not_marked(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="service")
    browser = signed_in(staff["supervisor"])
    for path in (f"/cases/{case.no}", "/queues/service", "/reports"):
        assert "暂定" not in browser.get(path).get_data(as_text=True)


def test_lengths_add_up_and_are_said_to_the_second_where_they_are_short(app):
    with speaking("en"):
        assert case_time.rounded([140, 85]) == ["2 min 20 s", "1 min 25 s"]
        assert case_time.rounded([740, 0, 55]) == ["12 min", "–", "1 min"]
        assert case_time.rounded([3600, 20, 3600]) == ["1 h", "under 1 min", "1 h"]
    with speaking("zh_Hans_CN"):
        assert case_time.rounded([140, 85]) == ["2 分 20 秒", "1 分 25 秒"]


@pytest.mark.parametrize(("language", "said"), [("en", "All limits kept so far"), ("zh_Hans_CN", "目前各时限均未超时")])
def test_running_limits_are_not_called_met(app, at, staff, language, said):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    assert told(case, NINE, language).title.startswith(said)
