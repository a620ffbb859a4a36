"""RE1: the daily P2 summary is read and kept; suggestions are groomed weekly, one or several at once."""

from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.collaboration import summaries, tasks
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from tests.builders import NINE, judged_case

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_the_daily_summary_counts_by_department_is_read_once_and_kept(app, engine, at, staff, signed_in):
    with transaction():
        one = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="business")
        judged_case(staff["agent"], staff["supervisor"], level="P3", channel="email", unit="tech")
        together.claim(staff["handler"], NINE, one)
        result = {"text": "更换光猫并重做接头，测速正常", "cause_category": "equipment", "cause": "光猫老化"}
        cases.write_result(staff["handler"], NINE + HOUR, one, **result)
        cases.tell(staff["agent"], NINE + HOUR, one, means="phone", words="已告知结果")
    later = at(hours=6)
    lines = {line.unit: line[1:] for line in summaries.by_department(later)}
    assert sorted(lines.values()) == [(1, 0, 1), (1, 1, 0)]
    browser = signed_in(staff["supervisor"])
    assert one.no in browser.get("/summaries/daily").get_data(as_text=True)
    assert browser.post("/summaries/daily").status_code == 303
    assert browser.post("/summaries/daily").status_code == 409
    kept = summaries.read_days()
    assert [(row.day, row.by_id) for row in kept] == [("2026-11-24", staff["supervisor"].id)]
    assert {line[0]: tuple(line[1:]) for line in kept[0].facts["lines"]} == lines
    assert signed_in(staff["handler"]).post("/summaries/daily").status_code == 403


def test_ticked_suggestions_are_decided_together_or_not_at_all(app, engine, at, staff, signed_in):
    with transaction():
        made = [judged_case(staff["agent"], staff["supervisor"], level="P4", channel="email") for _ in range(3)]
        numbers = [case.no for case in made]
    browser = signed_in(staff["supervisor"])
    facts = {"decision": "planned", "cycle": "2027Q1", "words": "已告知客户排期与周期"}
    none = browser.post("/summaries/grooming", data=facts)
    assert none.status_code == 422
    assert "2027Q1" in none.get_data(as_text=True)
    assert browser.post("/summaries/grooming", data=facts | {"nos": numbers[:2]}).status_code == 303
    again = browser.post("/summaries/grooming", data=facts | {"nos": numbers[1:]})
    assert again.status_code == 409
    db.session.expire_all()
    assert [case.state for case in made] == ["planned", "planned", "to_accept"]
    at(days=31)
    page = signed_in(staff["supervisor"]).get("/summaries/grooming").get_data(as_text=True)
    assert page.count('class="tag tag-late"') == 2  # monthly feedback


def test_a_summary_is_read_once_a_day(app, at, staff):
    with transaction():
        summaries.read_daily(staff["supervisor"], NINE)
        with pytest.raises(Refused, match="daily_read_already"):
            summaries.read_daily(staff["supervisor"], NINE + HOUR)
        summaries.read_daily(staff["supervisor"], NINE + DAY)
    assert len(summaries.read_days()) == 2


def test_departments_are_named_in_the_language_of_the_reader(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        tasks.give(staff["supervisor"], NINE, case, text="现场排查", unit_id=case.unit_id, due=NINE + HOUR)
    browser = signed_in(staff["supervisor"])
    browser.set_cookie("locale", "en")
    for path in ("/summaries/daily", "/tasks?show=unit", "/tasks/new"):
        page = browser.get(path).get_data(as_text=True)
        assert ("Technical support" in page, "技术支持组" in page) == (True, False), path
