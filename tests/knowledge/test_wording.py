"""IN9, KN1: wording is drafted by one person, approved by another, and never speaks with a gap."""

from datetime import timedelta

import pytest

from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from portal.kernel.i18n import local
from portal.knowledge import actions, offers, queries, rules, seed
from tests.builders import NINE

DATA = {
    "step": "apology", "channel": "", "off": False,
    "zh": {"label": "致歉", "text": "{客户}，非常抱歉，{department}正在处理工单{工单号}。"},
    "en": {"label": "Sorry", "text": "{customer}, we are sorry; {department} is on {number}."},
}  # fmt: skip


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def posted(data=DATA, **more) -> dict[str, str]:
    flat = {f"{name}_{lang}": text for lang in ("zh", "en") for name, text in data[lang].items()}
    return flat | {"step": data["step"], "channel": data["channel"]} | more


def test_the_shipped_wording_covers_every_step_in_both_languages_with_places_that_exist():
    shipped = seed.shipped()
    assert {data["step"] for data in shipped.values()} == set(rules.STEPS)
    for code, data in shipped.items():
        assert rules.checked("wording", data) == data, code
        places = [{rules._BY_NAME[p] for p in rules.places(data[lang]["text"])} for lang in rules.LANGUAGES]
        assert places[0] == places[1], code


def test_an_upgrade_adds_what_is_new_and_overwrites_nothing(app, engine, at, staff):
    assert seed.lacking() == []
    with transaction():
        actions.write(staff["quality"], NINE, "wording", "apology", DATA)
        seed.seed(NINE)
    assert [v.version for v in queries.versions("wording", "apology")] == [2, 1]


def test_a_draft_is_approved_by_somebody_else_and_holds_at_once(app, engine, at, staff):
    quality, supervisor = staff["quality"], staff["supervisor"]
    with transaction():
        actions.write(quality, NINE, "wording", "apology", DATA)
        actions.hand_in(quality, NINE, "wording", "apology", "更诚恳")
    with pytest.raises(Refused, match="knowledge_own_draft"), transaction():
        actions.approve(quality, NINE, "wording", "apology")
    with pytest.raises(Forbidden), transaction():
        actions.approve(staff["agent"], NINE, "wording", "apology")
    assert queries.held("wording", NINE)["apology"].version == 1
    with transaction():
        actions.approve(supervisor, NINE, "wording", "apology")
    assert queries.held("wording", NINE)["apology"].version == 2


def test_a_version_approved_for_a_later_day_holds_from_that_day(app, at, staff):
    day = local(NINE).date() + timedelta(days=2)
    with transaction():
        actions.write(staff["quality"], NINE, "wording", "apology", DATA)
        actions.hand_in(staff["quality"], NINE, "wording", "apology")
        actions.approve(staff["supervisor"], NINE, "wording", "apology", day)
    held = [queries.held("wording", NINE + timedelta(days=n))["apology"].version for n in (0, 1, 2)]
    assert held == [1, 1, 2]
    with transaction():
        actions.write(staff["quality"], NINE, "wording", "apology", DATA | {"channel": "chat"})
        actions.hand_in(staff["quality"], NINE, "wording", "apology")
    with pytest.raises(Invalid, match="knowledge_day_before"), transaction():
        actions.approve(staff["supervisor"], NINE, "wording", "apology")


def test_two_writers_meet_and_none_loses_a_word(app, at, staff, signed_in):
    with transaction():
        actions.write(staff["quality"], NINE, "wording", "apology", DATA)
    with pytest.raises(Stale), transaction():
        actions.write(staff["head"], NINE, "wording", "apology", DATA, seen=0)
    answer = signed_in(staff["head"]).post("/knowledge/wording/apology/edit", data=posted(text_zh="我写的话", seen="0"))
    assert answer.status_code == 409
    assert "我写的话" in text_of(answer)


@pytest.mark.parametrize("wrong", ["{nothing}", "{承诺}", "{number", "number}", "{}"])
def test_an_unknown_place_is_refused_at_its_field_and_the_text_stays(app, at, staff, signed_in, wrong):
    answer = signed_in(staff["quality"]).post("/knowledge/wording/new", data=posted(text_en=f"We say {wrong} here"))
    assert answer.status_code == 422
    page = text_of(answer)
    assert 'id="text_en-error"' in page
    assert f"We say {wrong} here" in page
    assert queries.made_by("") is None


def test_a_form_that_is_sent_twice_makes_one_draft(app, engine, at, staff, signed_in):
    client = signed_in(staff["agent"])
    places = {client.post("/knowledge/wording/new", data=posted(key="k1")).location for _ in range(2)}
    assert places == {"/knowledge/wording/W-0001"}
    assert len(queries.versions("wording", "W-0001")) == 1


def test_the_channels_own_text_comes_first_and_a_gap_is_never_offered(app, at):
    values = {"agent": "李敏", "number": "CS2611-0001", "department": "技术支持组", "next": "马上联系您"}
    found = offers.offers(NINE, ("greeting", "acknowledgement"), "chat", values)
    assert [o.ref for o in found][:2] == ["greeting-chat:1", "greeting:1"]
    assert "acknowledgement:1" in [o.ref for o in found]
    assert "acknowledgement-time:1" not in [o.ref for o in found]
    assert not any("{" in o.text for o in found)
    assert len(offers.offers(NINE, rules.STEPS, "chat", dict.fromkeys(rules.PLACES, "x"))) == offers.MOST


def test_the_preview_fills_a_sample_and_names_what_it_cannot(app, at, staff, signed_in):
    client = signed_in(staff["agent"])
    page = text_of(client.post("/knowledge/wording/preview", data=posted(text_en="Oh {nothing}")))
    assert "王芳，非常抱歉，技术支持组正在处理工单CS2611-0473。" in page
    assert "{nothing}" in page


def test_a_review_is_done_on_the_page_with_what_changes_beside_it(app, at, staff, signed_in):
    quality, supervisor = signed_in(staff["quality"]), signed_in(staff["supervisor"])
    assert quality.post("/knowledge/wording/apology/edit", data=posted(seen="0")).status_code == 303
    assert quality.post("/knowledge/wording/apology/do/hand_in").status_code == 303
    assert "/do/approve" not in text_of(quality.get("/knowledge/wording/apology"))
    page = text_of(supervisor.get("/knowledge/wording/apology", headers={"Accept-Language": "zh"}))
    assert "/do/approve" in page
    assert "<del>" in page
    assert supervisor.post("/knowledge/wording/apology/do/decline").status_code == 422
    assert supervisor.post("/knowledge/wording/apology/do/decline", data={"decline-why": "太长"}).status_code == 303
    assert quality.post("/knowledge/wording/apology/do/hand_in").status_code == 303
    assert supervisor.post("/knowledge/wording/apology/do/approve", data={"approve-day": "soon"}).status_code == 422
    assert supervisor.post("/knowledge/wording/apology/do/approve").status_code == 303
    assert queries.held("wording", NINE)["apology"].version == 2
