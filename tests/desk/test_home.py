"""DK1 first cut: my day, notices, the server's time, health."""

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.desk import agenda, forgotten
from portal.identity.actions import set_fact
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.feed import feed
from tests.builders import NINE, judged_case, make_case


def test_my_desk_lists_what_is_next_and_what_i_was_told(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(staff["handler"], NINE, case)
        cases.write_result(
            staff["handler"], NINE, case, text="已更换端口并测试正常", cause_category="equipment", cause="端口"
        )
    html = signed_in(staff["agent"]).get("/desk").get_data(as_text=True)
    assert html.count(f'href="/cases/{case.no}"') >= 2
    assert 'id="todo"' in html
    assert "/queues/service" in html


def test_every_role_has_a_desk_and_the_front_door_leads_there(app, at, staff, signed_in):
    for name, actor in staff.items():
        browser = signed_in(actor)
        assert browser.get("/").headers["Location"] == "/desk", name
        assert browser.get("/desk").status_code == 200, name
        assert browser.get("/notices").status_code == 200, name


def test_notices_are_read_by_a_post_alone(app, engine, at, staff, signed_in):
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P1", unit="tech")
    browser = signed_in(staff["head"])
    browser.set_cookie("locale", "en")
    assert "Notices, 1 unread" in browser.get("/notices").get_data(as_text=True)
    assert browser.post("/notices").status_code == 303
    assert "Notices, 0 unread" in browser.get("/notices").get_data(as_text=True)


def test_the_clock_answers_with_the_time_alone(app, at, staff, signed_in):
    answer = signed_in(staff["agent"]).get("/clock")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-Now"] == str(clock.millis())


def test_health_needs_no_sign_in_and_follows_the_heartbeat(app, at):
    browser = app.test_client()
    assert (browser.get("/healthz").status_code, browser.get("/healthz").data) == (200, b"ok")
    assert browser.get("/healthz/worker").status_code == 503
    with transaction():
        set_fact("heartbeat", str(clock.millis() // 1000))
    feed.refresh()
    assert browser.get("/healthz/worker").status_code == 200
    at(minutes=2)
    assert browser.get("/healthz/worker").status_code == 503


def test_a_supervisors_desk_lists_requests_to_be_judged(app, at, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"])
    assert f'href="/cases/{case.no}"' in signed_in(staff["supervisor"]).get("/desk").get_data(as_text=True)


def test_the_desk_says_how_many_wait_in_all_and_not_how_many_it_shows(app, engine, at, staff, signed_in, monkeypatch):
    monkeypatch.setattr(agenda, "MOST", 2)
    monkeypatch.setattr(forgotten, "MOST", 1)
    with transaction():
        for n in range(4):
            make_case(staff["agent"], contact=f"1380013100{n}")
    page = signed_in(staff["supervisor"]).get("/desk").get_data(as_text=True)
    assert "仅显示最紧迫的 2 项，共 4 项。" in page
    at(days=20)
    page = signed_in(staff["supervisor"]).get("/desk").get_data(as_text=True)
    assert "仅显示停留最久的 1 件，共 4 件。" in page


def test_the_figures_of_the_navigation_go_along_without_a_new_page(app, at, staff, signed_in):
    browser = signed_in(staff["supervisor"])
    browser.get("/desk")
    assert browser.get("/counts").json["/queues/judging"] == ["", 0, ""]
    with transaction():
        make_case(staff["agent"])
    feed.refresh()
    assert browser.get("/counts").json["/queues/judging"] == ["1", 0, ""]
    assert "/queues/judging" not in signed_in(staff["handler"]).get("/counts").json
