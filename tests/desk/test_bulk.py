"""DK6: one act on many cases: preview, one reason, a result for each row, no half state, a second post does nothing."""

import re

import pytest
from sqlalchemy import event, select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.collaboration import following
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import closed_case, judged_case
from tests.incidents.builders import declared

PAIRS = re.compile(r'name="case" value="([^"]+)"')
DONE = " 完成"
KEY = re.compile(r'name="key" value="([^"]+)"')


@pytest.fixture
def tech(staff, at):
    """Three cases of the technical department."""
    with transaction():
        return [judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech") for _ in range(3)]


def preview(browser, act, numbers, queue="tech"):
    return browser.post(f"/queues/{queue}/bulk", data={"act": act, "no": numbers})


def carry_out(browser, act, page, **fields):
    typed = {f"{act}-{name}": value for name, value in fields.items()}
    return browser.post(
        f"/queues/tech/bulk/{act}", data={"case": PAIRS.findall(page), "key": KEY.search(page).group(1)} | typed
    )


def kinds(case):
    db.session.rollback()  # a new look at the store
    return [line.kind for line in stream.read(case.stream)]


def test_many_are_transferred_with_one_reason_and_a_second_post_does_nothing(app, engine, tech, staff, signed_in):
    browser, business = signed_in(staff["supervisor"]), people.unit_by_code("business").id
    page = preview(browser, "transfer", [c.no for c in tech]).text
    assert [c.version for c in db.session.scalars(select(Case).order_by(Case.id))] == [c.version for c in tech]
    for answer in (carry_out(browser, "transfer", page, unit=business, reason="同一业务问题") for _ in range(2)):
        assert answer.status_code == 200
        assert answer.text.count(DONE) == 3
    db.session.rollback()
    db.session.expire_all()
    assert {c.unit_id for c in db.session.scalars(select(Case))} == {business}
    assert [kinds(c).count("Transferred") for c in tech] == [1, 1, 1]


def test_what_is_refused_for_one_does_not_hold_up_the_others(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["head"])
    page = preview(browser, "assign", [c.no for c in tech]).text
    with transaction():
        cases.note(staff["agent"], at(minutes=1), tech[0], text="客户补充了现象")  # another field: no conflict
        together.claim(staff["handler"], at(minutes=1), tech[1])
    answer = carry_out(browser, "assign", page, person=staff["handler"].id, reason="值班安排")
    assert answer.text.count(DONE) == 2
    assert "其余工单保持原样" in answer.text
    db.session.rollback()
    db.session.expire_all()
    assert [c.owner_id for c in db.session.scalars(select(Case).order_by(Case.id))] == [
        staff["handler"].id, staff["handler"].id, staff["handler"].id,
    ]  # fmt: skip


def test_the_preview_leaves_out_what_does_not_fit(app, at, tech, staff, signed_in):
    browser = signed_in(staff["supervisor"])
    with transaction():
        cases.void(staff["supervisor"], at(minutes=1), tech[0], reason="误报")
    page = preview(browser, "chase", [c.no for c in tech]).text
    assert len(PAIRS.findall(page)) == 2
    assert "不适合" in page
    assert carry_out(browser, "chase", page, words="请今天答复").text.count(DONE) == 2
    db.session.rollback()
    db.session.expire_all()
    assert [c.chases for c in db.session.scalars(select(Case).order_by(Case.id))] == [0, 1, 1]


def test_a_missing_reason_is_refused_at_its_field_and_nothing_is_done(app, tech, staff, signed_in):
    browser = signed_in(staff["head"])
    page = preview(browser, "assign", [c.no for c in tech]).text
    answer = carry_out(browser, "assign", page, person=staff["handler"].id, reason=" ")
    assert answer.status_code == 422
    assert 'id="assign-reason-error"' in answer.text
    assert KEY.search(answer.text).group(1) == KEY.search(page).group(1)
    assert carry_out(browser, "transfer", page, unit="", reason="").status_code == 422
    db.session.rollback()
    db.session.expire_all()
    assert {c.owner_id for c in db.session.scalars(select(Case))} == {None}


def test_none_chosen_too_many_and_others_cases_are_refused(app, tech, staff, signed_in):
    browser, business = signed_in(staff["head"]), signed_in(staff["business"])
    assert preview(browser, "assign", []).status_code == 422
    assert preview(browser, "assign", [f"CS2611-{n}" for n in range(501)]).status_code == 422
    assert preview(browser, "drop", [tech[0].no]).status_code == 422
    assert preview(business, "transfer", [tech[0].no], queue="business").status_code == 422
    assert preview(business, "transfer", [tech[0].no]).status_code == 403
    handler = signed_in(staff["handler"])
    page = preview(handler, "assign", [tech[0].no]).text
    assert PAIRS.findall(page) == []
    forced = {"case": f"{tech[0].no}:{tech[0].version}", "key": "k", "assign-person": staff["handler"].id,
              "assign-reason": "x" * 9}  # fmt: skip
    assert handler.post("/queues/tech/bulk/assign", data=forced).status_code in (200, 403)
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Case, tech[0].id).owner_id is None


def test_cases_are_linked_to_a_running_incident(app, engine, at, tech, staff, signed_in):
    with transaction():
        incident = declared(staff)
    browser = signed_in(staff["supervisor"])
    page = preview(browser, "link", [c.no for c in tech]).text
    assert carry_out(browser, "link", page, incident=incident.no).text.count(DONE) == 3
    db.session.rollback()
    db.session.expire_all()
    assert {c.incident_id for c in db.session.scalars(select(Case))} == {incident.id}


def test_a_row_is_done_whole_or_not_at_all(app, engine, tech, staff, signed_in, monkeypatch):
    """A store that fails in the middle of one row leaves that row as it was."""
    browser = signed_in(staff["supervisor"])
    page = preview(browser, "chase", [c.no for c in tech[:1]]).text

    def broken(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE cases"):
            raise RuntimeError("broken")

    event.listen(db.engine, "before_cursor_execute", broken)
    try:
        with pytest.raises(RuntimeError):
            carry_out(browser, "chase", page, words="请今天答复")
    finally:
        event.remove(db.engine, "before_cursor_execute", broken)
    db.session.rollback()
    assert "Chased" not in kinds(tech[0])
    assert carry_out(browser, "chase", page, words="请今天答复").text.count(DONE) == 1
    assert kinds(tech[0]).count("Chased") == 1


def news_of(person):
    db.session.rollback()
    query = select(Notice).where(Notice.person_id == person.id, Notice.channel == "app").order_by(Notice.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_one_notice_counts_what_an_act_gave_to_somebody(app, engine, tech, staff, signed_in):
    browser = signed_in(staff["head"])
    page = preview(browser, "assign", [c.no for c in tech]).text
    for _ in range(2):  # a second post tells nothing again
        carry_out(browser, "assign", page, person=staff["handler"].id, reason="值班安排")
    news = [n for n in news_of(staff["handler"]) if n.kind == "assigned"]
    assert [n.facts["many"] for n in news] == [3]
    page = signed_in(staff["handler"]).get("/notices").text
    assert "3 件工单" in page
    assert 'href="/queues/mine">打开列表' in page
    assert all(f'href="/cases/{c.no}"' in page for c in tech)


def test_p1_is_told_case_by_case_and_one_case_reads_as_ever(app, staff, at, signed_in):
    with transaction():
        urgent = [judged_case(staff["agent"], staff["supervisor"], level="P1", unit="tech") for _ in range(2)]
        usual = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    browser = signed_in(staff["head"])
    page = preview(browser, "assign", [c.no for c in [*urgent, usual]]).text
    carry_out(browser, "assign", page, person=staff["handler"].id, reason="值班安排")
    news = [n for n in news_of(staff["handler"]) if n.kind == "assigned"]
    assert sorted(n.facts["no"] for n in news) == sorted(c.no for c in [*urgent, usual])
    assert f'href="/cases/{usual.no}"' in signed_in(staff["handler"]).get("/notices").text


def test_followers_hear_of_the_end_and_of_a_new_round_but_not_of_own_deeds(app, engine, at, tech, staff):
    case, agent = tech[0], staff["agent"]
    with transaction():
        for who in (agent, staff["supervisor"], staff["head"]):
            following.follow(who, at(), case)
    with transaction():
        cases.void(staff["supervisor"], at(minutes=1), case, reason="误报")
    assert [n.kind for n in news_of(agent)].count("follow_ended") == 1
    assert [n.kind for n in news_of(staff["head"])].count("follow_ended") == 1
    assert "follow_ended" not in [n.kind for n in news_of(staff["supervisor"])]
    with transaction():
        done = closed_case(agent, staff["supervisor"], staff["handler"])
        following.follow(agent, at(minutes=60), done)
        cases.reopen(staff["supervisor"], at(minutes=70), done, reason="客户来电称又断网")
    assert [n.kind for n in news_of(agent)].count("follow_round") == 1
