"""AR1-AR4, AR6: closing archives, the record is found again, read whole, verified, masked, and every look is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal.archive import filing
from portal.archive.models import Archived, ArchivedText
from portal.archive.queries import page
from portal.archive.search import Search
from portal.cases import actions as cases
from portal.cases.models import Case
from portal.kernel.db import db, transaction, writing
from portal.kernel.tokens import terms
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE, closed_case, make_case


@pytest.fixture
def closed(app, engine, at, staff):
    """A case that went the whole way."""
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"], order_no="DD20261124001")
        no = case.no
    at(hours=2)
    return no


def found(query):
    return [hit.row.no for hit in page(Search(terms=terms(query))).hits]


def test_a_closed_case_is_found_by_words_names_numbers_and_fragments(closed):
    for query in (
        "光猫", "减免", "LOS", "王芳", "0130", "13800130013", "1124001", "测速正常", "光猫老化", "“可以上网了”", closed,
        closed[-4:], "光",
    ):  # fmt: skip
        assert found(query) == [closed], query
    assert found("冰箱") == found("猫光") == []


def test_the_record_stands_or_falls_with_the_closing(app, engine, at, staff, monkeypatch):
    def fail(*_):
        raise RuntimeError("no room")

    monkeypatch.setattr(filing, "file", fail)
    with pytest.raises(RuntimeError), transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    assert db.session.scalar(select(Archived.id)) is None
    assert db.session.scalar(select(Case.id)) is None
    monkeypatch.undo()
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    row = db.session.scalar(select(Archived))
    assert (row.case_id, row.archived_at, row.current) == (case.id, case.closed_at, True)
    assert row.retain_until == row.archived_at.replace(year=2028)
    assert row.quarter == "2026q4"


def test_a_case_reopened_and_closed_again_is_filed_anew_and_found_once(closed, staff, at):
    with transaction():
        case = db.session.scalar(select(Case).where(Case.no == closed))
        now = NINE + timedelta(days=1)
        cases.reopen(staff["agent"], now, case, reason="又断网了")
        cases.write_result(
            staff["handler"], now, case, text="更换分光器，恢复上网", cause_category="network", cause="端口松动所致"
        )
        cases.tell(staff["handler"], now, case, means="phone", words="已电话告知")
        cases.confirm(staff["agent"], now, case, verdict="satisfied", means="phone", words="已经好了")
        satisfaction.rate(staff["agent"], now, case, overall=4, means="phone")
    assert found("老化") == [closed]
    with transaction():
        case = db.session.scalar(select(Case).where(Case.no == closed))
        cases.close(staff["agent"], NINE + timedelta(days=1, hours=1), case, outcome="confirmed")
    assert found("分光器") == found("老化") == [closed]
    rows = db.session.execute(select(Archived.cycle, Archived.current, Archived.rating).order_by(Archived.id)).all()
    assert [tuple(r) for r in rows] == [(1, False, 5), (2, True, 4)]


def test_the_search_page_shows_marked_hits_and_counts_follow(closed, staff, signed_in):
    browser = signed_in(staff["agent"])
    answer = browser.get("/archive?q=光猫").text
    assert "<mark>光猫</mark>" in answer
    assert 'hx-trigger="load"' in answer
    assert "13800130013" in answer
    counted = browser.get("/archive/facets?q=光猫", headers={"HX-Request": "true"}).text
    assert 'id="facets"' in counted
    assert "P3" in counted
    assert "hx-trigger" not in counted
    assert "<mark>" not in browser.get("/archive?q=冰箱").text


def test_an_exact_number_leads_to_its_record_or_its_open_case(closed, staff, signed_in):
    browser = signed_in(staff["agent"])
    with transaction():
        case = make_case(staff["agent"])
    assert browser.get(f"/archive?q={closed.lower()}").location == f"/archive/{closed}"
    assert browser.get(f"/archive?q={case.no}").location == f"/cases/{case.no}"
    assert browser.get("/archive?q=CS2611-9999").status_code == 200


def test_the_record_is_whole_and_verified(closed, staff, signed_in):
    answer = signed_in(staff["agent"]).get(f"/archive/{closed}").text
    for words in (
        "更换光猫并重做光纤接头",
        "光猫老化",
        "今天上门修好",
        "可以上网了，满意",
        "13800130013",
        "已与客户通话核实现象",
    ):
        assert words in answer
    assert 'banner-ok" id="verified"' in answer


def test_an_altered_record_says_so(closed, staff, signed_in):
    with writing(), db.engine.begin() as connection:
        connection.execute(text("UPDATE archived_text SET text = text || '改'"))
    assert 'banner-late" id="verified"' in signed_in(staff["auditor"]).get(f"/archive/{closed}").text
    assert db.session.scalar(select(ArchivedText.text)).endswith("改")


def test_telephones_are_masked_for_those_who_do_not_need_them(closed, staff, signed_in):
    browser = signed_in(staff["quality"])
    for address in ("/archive?q=13800130013", f"/archive/{closed}", "/archive?q=1380013"):
        answer = browser.get(address).text
        assert "138****0013" in answer
        assert "王**" in answer
        shown = answer.split('id="results"')[-1].split('id="facets"')[0]
        assert "13800130013" not in shown.replace("q=13800130013", "")


def test_a_department_finds_its_own_cases_only(closed, staff, signed_in):
    assert closed in signed_in(staff["handler"]).get("/archive?q=光猫").text
    other = signed_in(staff["business"])
    assert closed not in other.get("/archive?q=光猫").text
    assert other.get(f"/archive/{closed}").status_code == 404
    assert other.get(f"/archive?q={closed}").status_code == 200
    assert signed_in(staff["analyst"]).get("/archive?q=光猫").status_code == 403


def test_every_look_is_kept_and_shown_to_the_auditor(closed, staff, signed_in):
    agent, auditor = signed_in(staff["agent"]), signed_in(staff["auditor"])
    agent.get("/archive?q=光猫+level:P3")
    agent.get("/archive/facets?q=光猫+level:P3", headers={"HX-Request": "true"})
    agent.get(f"/archive/{closed}")
    log = auditor.get("/archive/access").text
    assert log.count("光猫 level:P3") == 1
    assert log.count("李敏") >= 2
    assert f"/archive/{closed}" in log
    assert "李敏" in auditor.get(f"/archive/access?no={closed}").text
    assert agent.get("/archive/access").status_code == 403


def test_a_bad_day_is_refused_in_words(closed, staff, signed_in):
    assert signed_in(staff["agent"]).get("/archive?from=2026-13-45").status_code == 422
