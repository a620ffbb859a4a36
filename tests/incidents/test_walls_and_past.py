"""EM3: the wall screen by a token that is taken back, the board as it stood, the board on one A4."""

import re
import zlib
from datetime import timedelta

import pytest

from portal.identity import actions as accounts
from portal.incidents import actions, queries, replay, telling
from portal.journal import stream
from portal.kernel.db import transaction
from portal.kernel.feed import feed
from tests.builders import NINE, make_case
from tests.conftest import HTMX
from tests.incidents.builders import declared, ended

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def pages(pdf):
    """How many pages a PDF has; its objects stand in compressed streams."""
    count = 0
    for stream_of in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream_of[1])
        except zlib.error:
            continue
        count += len(re.findall(rb"/Type ?/Page\b(?!s)", text))
    return count


def new_screen(client):
    page = client.post("/incidents/screens", data={"name": "指挥室东墙"})
    return re.search(r"/wall/[\w-]{20,}", page.text)[0]


def test_a_screen_opens_with_its_token_until_it_is_taken_back(app, engine, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        case = make_case(staff["agent"])
        telling.link_cases(staff["commander"], NINE, incident, numbers=[case.no])
    office = signed_in(staff["watch"])
    assert office.post("/incidents/screens", data={"name": " "}).status_code == 422
    address = new_screen(office)
    assert address not in office.get("/incidents/screens").text  # shown once
    screen = app.test_client()
    assert screen.get("/wall").status_code == 403
    assert screen.get("/wall/" + "x" * 43).status_code == 403
    assert screen.get(address).location == "/wall"
    wall = screen.get("/wall").text
    assert "热线系统故障" in wall
    assert case.no not in wall
    assert case.customer_name not in wall
    tag = screen.get("/wall").headers["HX-PTag"]
    assert screen.get("/wall/changes", headers=HTMX | {"HX-PTag": tag}).status_code == 204
    assert screen.get("/desk").status_code == 302  # it opens nothing else
    assert screen.get(f"/incidents/{incident.no}").status_code == 302
    number = re.search(r"/incidents/screens/(\d+)/revoke", office.get("/incidents/screens").text)[1]
    assert office.post(f"/incidents/screens/{number}/revoke").status_code == 303
    assert screen.get("/wall/changes", headers=HTMX).headers["HX-Redirect"] == "/wall"
    assert screen.get("/wall").status_code == 403
    assert screen.get(address).status_code == 403


def test_a_screen_goes_on_with_the_next_incident(app, at, staff, signed_in):
    screen = app.test_client()
    screen.get(new_screen(signed_in(staff["commander"])))
    idle = screen.get("/wall")
    assert "wall-still" in idle.text
    with transaction():
        incident = declared(staff, exercise=True)
    tag = idle.headers["HX-PTag"]
    moved = screen.get("/wall/changes", headers=HTMX | {"HX-PTag": tag})
    assert moved.headers["HX-Redirect"] == "/wall"
    shown = screen.get("/wall")
    assert "演练 EXERCISE" in shown.text
    with transaction():
        here = queries.incident_by_id(incident.id)
        telling.report_situation(staff["responder"], NINE + MINUTE, here, text="已切换", next_report=NINE + HOUR)
    parts = screen.get("/wall/changes", headers=HTMX | {"HX-PTag": shown.headers["HX-PTag"]})
    assert "wall-head" in parts.text


def test_the_board_stands_as_it_stood(app, engine, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        number = incident.tasks[0].n
        telling.enter(staff["responder"], NINE + 10 * MINUTE, incident, kind="information", text="备用网关已接管")
        actions.change_grade(staff["commander"], NINE + 20 * MINUTE, incident, grade="severe", reason="影响扩大")
        actions.complete_task(staff["commander"], NINE + 30 * MINUTE, incident, n=number, evidence="完成")
    lines = stream.read(incident.stream)
    before = replay.of(lines, NINE + 15 * MINUTE, {})
    assert (before.grade, before.incident.grade, sum(t.done_at is not None for t in before.tasks)) == (
        "较大", "major", 0,
    )  # fmt: skip
    after = replay.of(lines, NINE + HOUR, {})
    assert (after.grade, sum(t.done_at is not None for t in after.tasks)) == ("重大", 1)
    assert replay.of(lines, NINE - HOUR, {}) is None
    client = signed_in(staff["auditor"])
    early = client.get(f"/incidents/{incident.no}/at?time=2026-11-24T09:15").text
    assert "备用网关已接管" in early
    assert "影响扩大" not in early
    assert client.get(f"/incidents/{incident.no}/at?time=2020-01-01T00:00").status_code == 422
    assert client.get(f"/incidents/{incident.no}/at?time=heute").status_code == 422
    assert "影响扩大" in client.get(f"/incidents/{incident.no}/at?time=2026-11-24T09:40").text


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [False, True])
def test_the_board_is_one_sheet_of_paper_at_any_moment(app, at, staff, signed_in, exercise):
    with transaction():
        incident = declared(staff, exercise=exercise)
        for n in range(30):
            telling.enter(
                staff["responder"],
                NINE + n * MINUTE,
                incident,
                kind="information",
                text="现场排查进展的一句长话" * 20,
            )
            actions.add_task(
                staff["commander"], NINE + n * MINUTE, incident, title="联系厂商并确认备件到达时间与运输方式" * 4,
                kind="remote", role="technical", owner_id=staff["head"].id, due=NINE + HOUR + n * MINUTE,
            )  # fmt: skip
    at(minutes=40)
    body = signed_in(staff["commander"]).get(f"/incidents/{incident.no}/board.pdf").data
    assert pages(body) == 1


def test_what_is_over_can_still_be_looked_at(app, at, staff, signed_in):
    with transaction():
        incident = ended(staff)
    assert signed_in(staff["auditor"]).get(f"/incidents/{incident.no}/at").status_code == 200


def test_viewers_who_are_alike_share_a_drawing_and_the_others_have_their_own(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
    path = f"/incidents/{incident.no}/changes"
    seen = {who: signed_in(staff[who]).get(path, headers=HTMX).text for who in ("commander", "auditor", "head")}
    assert "/do/end" in seen["commander"]
    assert "/do/" not in seen["auditor"]
    assert "/do/done" in seen["head"]  # has a task of the plan
    with transaction():
        here = queries.incident_by_id(incident.id)
        telling.enter(staff["responder"], NINE + MINUTE, here, kind="information", text="备用网关已接管")
    assert "备用网关已接管" in signed_in(staff["auditor"]).get(path, headers=HTMX).text


def test_board_and_wall_say_whether_the_deadline_watch_looks_and_notice_when_it_stops(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        accounts.set_fact("heartbeat", str(int(NINE.timestamp())))
    feed.refresh()
    browser = signed_in(staff["watch"])
    for page, screen in ((f"/incidents/{incident.no}", ""), (f"/incidents/{incident.no}/wall", "?screen=wall")):
        at(seconds=0)
        first, url = browser.get(page), f"/incidents/{incident.no}/changes{screen}"
        assert "时限监视 正常" in first.text
        headers = HTMX | {"HX-PTag": first.headers["HX-PTag"]}
        assert browser.get(url, headers=headers).status_code == 204
        at(seconds=90)
        answer = browser.get(url, headers=headers)
        assert answer.status_code == 200
        assert re.search('hx-target="#watch".*?late-text.*?已停', answer.text, re.S)
