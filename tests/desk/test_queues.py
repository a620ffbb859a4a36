"""QU1, QU9, QU11: queues in order, filtered, by department, kept live at no cost, claimed by exactly one person."""

import re
import threading
from datetime import timedelta

import pytest
from markupsafe import escape
from sqlalchemy import event, func, select, text

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.identity import actions as people
from portal.intake.actions import take
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from tests.builders import NINE, a_request, judged_case, make_case, make_person

HTMX = {"HX-Request": "true"}
IDS = re.compile(r'<tr id="case-(\d+)"')


def ids(html):
    return [int(n) for n in IDS.findall(html)]


def tag(html):
    return re.search(r'hx-ptag="([^"]+)"', html).group(1)


def check(browser, path, seen):
    return browser.get(path, headers=HTMX | {"HX-PTag": seen})


@pytest.fixture
def tech(staff, at):
    """Five cases of the technical department, later ones more urgent."""
    with transaction():
        return [
            judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech", now=NINE + timedelta(minutes=n))
            for n, level in enumerate(("P3", "P2", "P1", "P2", "P4"))
        ]


def test_the_nearest_deadline_stands_first(app, engine, tech, staff, signed_in):
    html = signed_in(staff["handler"]).get("/queues/tech").get_data(as_text=True)
    nearest_first = sorted(tech, key=lambda c: (c.press, c.id))
    assert ids(html) == [c.id for c in nearest_first]
    assert 'role="table"' in html
    assert html.count('role="row"') == 6


def test_whatever_a_title_holds_stands_in_its_row_as_it_was_typed(app, engine, at, staff, signed_in):
    odd = "100%(id)s %d \ue010id\ue011 \ue012 <b>{{ no }}</b>"
    with transaction():
        made = [
            judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech", now=NINE, title=words)
            for words in (odd, "宽带不通")
        ]
    browser = signed_in(staff["handler"])
    for _ in "drawn", "remembered":
        html = browser.get("/queues/tech").get_data(as_text=True)
        assert sorted(ids(html)) == [case.id for case in made]
        assert html.count(escape(odd)) == 2  # in the cell and as its title
        assert html.count("宽带不通") == 2


def test_a_person_sees_the_own_department_alone_and_the_supervisor_all(app, tech, staff, signed_in):
    handler, supervisor = signed_in(staff["handler"]), signed_in(staff["supervisor"])
    assert handler.get("/queues/service").status_code == 403
    assert handler.get("/queues/all").status_code == 403
    assert handler.get("/queues/nowhere").status_code == 404
    assert handler.get("/queues/hq").status_code == 404
    assert handler.get("/queues/judging").status_code == 403
    assert handler.get("/queues").headers["Location"] == "/queues/tech"
    for path in ("changes", "rows"):
        assert handler.get(f"/queues/service/{path}").status_code == 403
    assert handler.post("/queues/service/claim-next").status_code == 403
    assert supervisor.get("/queues/all").status_code == 200
    assert "/queues/improvement" in supervisor.get("/queues").get_data(as_text=True)
    assert signed_in(staff["analyst"]).get("/queues/tech").status_code == 403


def test_nobody_gets_in_without_signing_in(app, tech):
    browser = app.test_client()
    assert browser.get("/queues/tech").status_code == 302
    assert check(browser, "/queues/tech/changes", "x").status_code == 401


def test_filters_and_segments_narrow_the_list(app, engine, at, tech, staff, signed_in):
    with transaction():
        together.claim(staff["handler"], NINE, tech[0])
        cases.contact(staff["handler"], NINE, tech[0], direction="out", means="phone", reached=True, words="请客户拍照")
        together.pause(staff["handler"], NINE, tech[0], reason="customer", words="等照片")
    browser = signed_in(staff["handler"])

    def shown(query):
        return sorted(ids(browser.get(f"/queues/tech?{query}").get_data(as_text=True)))

    p1, p2 = tech[2].id, sorted((tech[1].id, tech[3].id))
    assert shown("level=P1") == [p1]
    assert shown("level=P1&level=P2") == sorted([p1, *p2])
    assert shown("state=waiting") == [tech[0].id]
    assert shown("owner=me") == shown("segment=mine") == shown("segment=waiting") == [tech[0].id]
    assert shown("owner=none") == shown("segment=unclaimed") == sorted(c.id for c in tech[1:])
    assert shown("segment=late") == []
    at(minutes=25)
    assert p1 in shown("segment=late")
    assert shown("segment=told") == shown("segment=gaps") == []
    assert shown("level=P9&segment=nonsense&show=-3&after=x,y&state=%00") == sorted(c.id for c in tech)


def test_segments_count_the_whole_queue(app, at, tech, staff, signed_in):
    html = signed_in(staff["handler"]).get("/queues/tech?level=P1").get_data(as_text=True)
    segments = html[html.index('id="segments"') : html.index('id="q"')]
    assert re.findall(r"<b[^>]*>(\d+)", segments)[:4] == ["5", "0", "0", "5"]


def test_an_unchanged_page_is_204_and_costs_no_query(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    page = browser.get("/queues/tech")
    seen = tag(page.get_data(as_text=True))
    check(browser, "/queues/tech/changes", seen)
    asked = []

    def listen(*seen_by_engine):
        asked.append(seen_by_engine[2])

    event.listen(db.engine, "before_cursor_execute", listen)
    answer = check(browser, "/queues/tech/changes", seen)
    event.remove(db.engine, "before_cursor_execute", listen)
    assert (answer.status_code, answer.data, asked) == (204, b"", [])
    assert "HX-PTag" not in answer.headers  # the screen keeps its own
    assert int(answer.headers["X-Now"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_change_sends_the_changed_row_alone(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    seen = tag(browser.get("/queues/tech").get_data(as_text=True))
    with transaction():
        cases.note(staff["handler"], NINE + timedelta(minutes=6), tech[1], text="已联系机房")
    answer = check(browser, "/queues/tech/changes", seen)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert ids(html) == [tech[1].id]
    assert f'hx-target="#case-{tech[1].id}" hx-swap="outerMorph"' in html
    assert 'hx-target="#q"' not in html
    assert check(browser, "/queues/tech/changes", answer.headers["HX-PTag"]).status_code == 204


def test_two_cases_changed_by_one_act_are_both_sent(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    seen = tag(browser.get("/queues/tech").get_data(as_text=True))
    with transaction():
        for case in tech[1:3]:
            cases.note(staff["handler"], NINE + timedelta(minutes=6), case, text="已联系机房")
    assert sorted(ids(check(browser, "/queues/tech/changes", seen).text)) == [case.id for case in tech[1:3]]


def test_figures_are_sent_when_they_are_not_those_the_screen_shows(app, engine, at, tech, staff, signed_in):
    browser, other = signed_in(staff["handler"]), signed_in(staff["head"])
    seen, late = (tag(one.get("/queues/tech").get_data(as_text=True)) for one in (browser, other))
    with transaction():
        cases.note(staff["handler"], NINE + timedelta(minutes=6), tech[1], text="已联系机房")
    answer = check(browser, "/queues/tech/changes", seen)
    assert 'id="segments"' not in answer.text
    with transaction():
        together.claim(staff["handler"], NINE + timedelta(minutes=7), tech[2])
    mine = check(browser, "/queues/tech/changes", answer.headers["HX-PTag"])
    theirs = check(other, "/queues/tech/changes", late)  # went two steps at once
    assert (ids(mine.text), sorted(ids(theirs.text))) == ([tech[2].id], sorted([tech[1].id, tech[2].id]))
    figures = [re.findall(r"<b[^>]*>(\d+)", answer.text[: answer.text.index("</nav>")]) for answer in (mine, theirs)]
    assert [(f[0], f[3], f[-1]) for f in figures] == [("5", "4", "1"), ("5", "4", "0")]  # all, unclaimed, one's own


def test_a_change_elsewhere_leaves_the_page_alone(app, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    seen = tag(browser.get("/queues/tech").get_data(as_text=True))
    with transaction():
        business = judged_case(staff["supervisor"], staff["supervisor"], level="P2", unit="business")
        assert business.unit_id != tech[0].unit_id
    assert check(browser, "/queues/tech/changes", seen).status_code == 204


def test_a_new_case_or_a_new_order_sends_the_whole_body(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    seen = tag(browser.get("/queues/tech").get_data(as_text=True))
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P1", unit="tech")
    html = check(browser, "/queues/tech/changes", seen).get_data(as_text=True)
    assert 'hx-target="#q" hx-swap="innerMorph"' in html
    assert len(ids(html)) == 6


@pytest.mark.parametrize("seen", ["", "all", "x.1.en.00000000-00000000", "....", "\x80.1", "a.b.c"])
def test_an_unknown_tag_gets_the_whole_body(app, at, tech, staff, signed_in, seen):
    html = check(signed_in(staff["handler"]), "/queues/tech/changes", seen).get_data(as_text=True)
    assert len(ids(html)) == 5


def test_a_gap_in_the_record_of_changes_gets_the_whole_body(app, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    seen = tag(browser.get("/queues/tech").get_data(as_text=True))
    with transaction() as session:
        cases.note(staff["handler"], NINE, tech[1], text="说明")
        session.execute(text("DELETE FROM change"))
    assert len(ids(check(browser, "/queues/tech/changes", seen).get_data(as_text=True))) == 5


def test_languages_do_not_mix(app, at, tech, staff, signed_in):
    chinese, english = signed_in(staff["handler"]), signed_in(staff["head"])
    english.set_cookie("locale", "en")
    chinese.set_cookie("locale", "zh_Hans_CN")
    pages = [b.get("/queues/tech").get_data(as_text=True) for b in (chinese, english, chinese, english)]
    assert ["To be claimed" in p for p in pages] == [False, True, False, True]
    answer = check(english, "/queues/tech/changes", tag(pages[0]))
    assert len(ids(answer.get_data(as_text=True))) == 5
    assert "To be claimed" in answer.get_data(as_text=True)


def test_who_may_not_claim_gets_no_button(app, at, tech, staff, signed_in):
    assert "/queues/claim/" in signed_in(staff["handler"]).get("/queues/tech").get_data(as_text=True)
    assert "/queues/claim/" not in signed_in(staff["quality"]).get("/queues/tech").get_data(as_text=True)
    assert signed_in(staff["quality"]).post("/queues/tech/claim-next").status_code == 403
    assert signed_in(staff["business"]).post(f"/queues/claim/{tech[0].no}").status_code == 404


def test_a_row_is_claimed_once(app, engine, at, tech, staff, signed_in):
    first, second = signed_in(staff["handler"]), signed_in(staff["head"])
    assert first.post(f"/queues/claim/{tech[0].no}", headers=HTMX).headers["HX-Trigger"] == "portal:wake"
    late = second.post(f"/queues/claim/{tech[0].no}", headers=HTMX)
    assert (late.status_code, late.headers["HX-Retarget"]) == (409, "#notice")
    assert "陈浩" in late.get_data(as_text=True)
    db.session.expire_all()
    assert db.session.get(Case, tech[0].id).owner_id == staff["handler"].id


def test_claim_next_takes_the_nearest_and_ends_with_a_word(app, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    order = [c.no for c in sorted(tech, key=lambda c: (c.press, c.id))]
    taken = [browser.post("/queues/tech/claim-next").headers["Location"] for _ in order]
    assert taken == [f"/cases/{no}?done=claim" for no in order]
    for headers, of_typed_words in ((HTMX, "已写的内容"), ({}, "您写的内容")):
        refused = browser.post("/queues/tech/claim-next", headers=headers)
        assert refused.status_code == 409
        assert "没有改动任何内容" in refused.text
        assert of_typed_words not in refused.text


def test_claim_next_takes_of_what_is_shown(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    p3, p2, p1, other_p2, p4 = (case.no for case in tech)

    def claimed(query):
        answer = browser.post(f"/queues/tech/claim-next{query}", headers=HTMX)
        return answer.headers.get("HX-Redirect", "").removeprefix("/cases/").removesuffix("?done=claim") or answer.text

    page = browser.get("/queues/tech?level=P2&level=P3&show=100").text
    assert 'action="/queues/tech/claim-next?show=100&amp;level=P2&amp;level=P3"' in page
    assert 'action="/queues/tech/claim-next"' in browser.get("/queues/tech").text
    assert claimed("?level=P4") == p4
    assert "已设置筛选" in claimed("?level=P4")
    assert claimed("?state=to_accept&channel=phone&segment=mine&owner=me&after=9900000000,1&level=P2") == p2
    assert "已设置筛选" in claimed("?segment=told")
    for none in ("?segment=stale&class=key&due=late&age=30", "?segment=late", "?segment=soon&category=network"):
        assert "已设置筛选" in claimed(none)
    at(minutes=25)
    assert claimed("?segment=late") == p1
    assert [claimed("?segment=unclaimed"), claimed("")] == [other_p2, p3]
    for plain in ("", "?segment=mine", "?owner=none&show=500"):
        assert "每件都已有责任人" in claimed(plain)


def test_two_people_claiming_at_once_get_two_cases(app, engine, at, tech, staff, signed_in):
    browsers = [signed_in(staff["handler"]), signed_in(staff["head"])]
    barrier, taken = threading.Barrier(2), []

    def claim(browser):
        barrier.wait()
        for _ in range(2):
            taken.append(browser.post("/queues/tech/claim-next").headers["Location"])

    threads = [threading.Thread(target=claim, args=(b,)) for b in browsers]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(set(taken)) == 4
    db.session.rollback()
    owned = select(func.count()).select_from(Case).where(Case.owner_id.is_not(None))
    assert db.session.scalar(owned) == 4


def test_pages_by_cursor_miss_nothing_and_repeat_nothing(app, engine, at, staff, signed_in):
    with transaction():
        made = [make_case(staff["agent"], NINE + timedelta(seconds=n // 3)).id for n in range(120)]
    browser = signed_in(staff["agent"])
    html = browser.get("/queues/service").get_data(as_text=True)
    found = ids(html)
    while match := re.search(r'hx-get="(/queues/service/rows[^"]+)"', html):
        html = browser.get(match.group(1).replace("&amp;", "&"), headers=HTMX).get_data(as_text=True)
        found += ids(html)
    assert found[:50] == ids(browser.get("/queues/service").get_data(as_text=True))
    assert len(found) == len(set(found)) == 120
    assert sorted(found) == sorted(made)
    assert ids(browser.get("/queues/service?show=150").get_data(as_text=True)) == found


def test_reading_writes_nothing(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["supervisor"])

    def state():
        db.session.rollback()
        return [
            db.session.execute(text(f"SELECT count(*) FROM {t}")).scalar()
            for t in ("journal", "change", "outbox", "cases", "clock")
        ] + [db.session.execute(text("SELECT sum(v) FROM topic_version")).scalar()]

    before = state()
    for path in ("/", "/desk", "/queues", "/queues/all", "/queues/tech", "/queues/mine", "/queues/judging",
                 "/queues/tech/changes", "/queues/tech/rows", "/notices", "/clock"):  # fmt: skip
        assert browser.get(path).status_code in (200, 204, 302), path
    assert state() == before


def test_my_cases_are_those_i_hold_and_results_i_have_to_tell(app, at, tech, staff, signed_in):
    with transaction():
        together.claim(staff["handler"], NINE, tech[1])
        cases.write_result(
            staff["handler"], NINE, tech[1], text="已更换端口并测试正常", cause_category="equipment", cause="端口"
        )
    assert ids(signed_in(staff["handler"]).get("/queues/mine").get_data(as_text=True)) == [tech[1].id]
    assert ids(signed_in(staff["agent"]).get("/queues/mine").get_data(as_text=True)) == [tech[1].id]
    assert ids(signed_in(staff["head"]).get("/queues/mine").get_data(as_text=True)) == []


def test_the_supervisor_sees_what_waits_for_a_level(app, at, tech, staff, signed_in):
    with transaction():
        waiting = make_case(staff["agent"])
    html = signed_in(staff["supervisor"]).get("/queues/judging").get_data(as_text=True)
    assert ids(html) == [waiting.id]


def test_a_case_without_news_is_marked_when_its_limit_has_passed(app, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    browser.set_cookie("locale", "en")
    assert "No news" not in browser.get("/queues/tech").get_data(as_text=True)
    at(minutes=33)
    html = browser.get("/queues/tech").get_data(as_text=True)
    assert html.count("No news") == 1
    row = html[html.index(f'id="case-{tech[2].id}"') :]
    assert "No news" in row[: row.index("</tr>")]


def test_a_renamed_department_shows_its_new_name(app, at, tech, staff, signed_in):
    with transaction():
        people.add_unit(make_admin(), "extra", "新增部门")
    assert "新增部门" in signed_in(staff["supervisor"]).get("/queues").get_data(as_text=True)


def make_admin():
    return make_person(role="admin", unit="hq", everywhere=True)


def test_claiming_what_is_yours_is_refused_by_name(app, at, tech, staff):
    with transaction():
        together.claim(staff["handler"], NINE, tech[0])
    with pytest.raises(Refused), transaction():
        together.claim(staff["handler"], NINE, tech[0])


def test_what_a_machine_handed_in_vaguely_waits_among_those_to_be_completed(app, engine, at, staff, signed_in):
    with transaction():
        vague = take(staff["supervisor"], NINE, a_request(machine=True, description="不好用", source="api:1"), key="v")
        take(staff["agent"], NINE, a_request(), key="w")
    page = signed_in(staff["agent"]).get("/queues/service?segment=gaps").text
    assert [no for no in re.findall(r"CS\d{4}-\d+", page) if no != vague.no] == []
    assert vague.no in page
