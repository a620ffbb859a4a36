"""IN6 on the screen: the words that led to it, a text tried without a trace, a bad rule that keeps its typing."""

from portal.journal.models import Entry
from portal.kernel.db import db, transaction
from portal.proposals import actions, queries
from tests.builders import NINE
from tests.conftest import HTMX

ZH = {"Accept-Language": "zh"}


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_while_typing_each_field_shows_its_words_and_one_key_takes_it(app, at, staff, signed_in):
    typed = {"description": "送餐员骂人，等了两个小时", "urgency": "normal"}
    part = text_of(signed_in(staff["agent"]).post("/intake/check", data=typed, headers=HTMX | ZH))
    assert part.count("骂人</mark>") == 4
    assert 'data-key="alt a"' in part
    assert 'data-take-category="attitude"' in part


def test_a_text_is_tried_against_a_draft_and_nothing_is_kept(app, at, staff, signed_in):
    client = signed_in(staff["quality"])
    assert client.post("/admin/proposals", data={"why": "试一试"}).status_code == 303
    before = db.session.query(Entry).count()
    page = text_of(client.post("/admin/proposals/2/try", data={"text": "网页打不开"}, headers=ZH))
    assert "打不开</mark>" in page
    assert "该类型对应的部门" in page
    assert db.session.query(Entry).count() == before
    empty = client.post("/admin/proposals/2/try", data={"text": " "}, headers=ZH)
    assert (empty.status_code, "is-invalid" in text_of(empty)) == (422, True)


def test_a_refused_rule_keeps_what_was_typed_and_says_where(app, at, staff, signed_in):
    with transaction():
        actions.open_draft(staff["quality"], NINE, "整理")
    typed = {"words": "机顶盒", "unless": "", "request_type": "fault", "weight": "99", "note": "电视"}
    answer = signed_in(staff["quality"]).post("/admin/proposals/2/rule", data=typed, headers=ZH)
    assert answer.status_code == 422
    assert "1 到 20" in text_of(answer)
    assert "机顶盒" in text_of(answer)
    assert len(queries.version(2).data["rules"]) == len(queries.version(1).data["rules"])
    typed["weight"] = "9"
    assert signed_in(staff["quality"]).post("/admin/proposals/2/rule", data=typed).status_code == 303


def test_who_may_not_draft_sees_no_form(app, at, staff, signed_in):
    page = text_of(signed_in(staff["auditor"]).get("/admin/proposals"))
    assert 'action="/admin/proposals"' not in page
    assert signed_in(staff["agent"]).get("/admin/proposals").status_code == 403
