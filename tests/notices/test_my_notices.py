"""A person's own choice of what is sent, and the bell whose figure comes with the checks a page makes anyway."""

import pytest

from portal.identity import queries as people
from portal.kernel.db import db, transaction
from portal.notices import tell
from portal.notices.models import Choice
from portal.notices.outside import wishes_of
from portal.notices.rules import GROUP_OF, GROUPS, SHIPPED, WAYS, Wishes, next_daily, pause_after, quiet_now
from portal.notices.words import TERMS
from tests.builders import NINE
from tests.conftest import HTMX
from tests.notices.test_delivery import news, rows

FORM = {
    "mail": "li@example.com",
    "urgent": ["desktop", "mail"],
    "assigned": ["daily"],
    "chased": [],
    "daily_at": "7:05",
}


def test_a_choice_holds_for_what_is_told_from_then_on(app, engine, at, staff, signed_in, post):
    me, browser = staff["handler"], signed_in(staff["handler"])
    assert "08:30" in browser.get("/notices/mine").get_data(as_text=True)
    assert browser.post("/notices/mine", data=FORM).status_code == 303
    assert browser.post("/notices/mine", data=FORM).status_code == 303
    assert wishes_of([me.id])[me.id].wishes == Wishes(
        "li@example.com",
        {"urgent": ["desktop", "mail"], "assigned": ["daily"], "chased": [], "other": []},
        quiet=False, daily_at=425,
    )  # fmt: skip
    news([me], kind="due", key="a")
    news([me], kind="chased", key="b")
    news([me], key="c")
    assert [row.kind for row in rows()] == ["due", "daily"]


@pytest.mark.parametrize(
    ("field", "bad"),
    [("mail", "nobody"), ("mail", "a@b.c\r\nBcc: x@y.z"), ("daily_at", "25:00"), ("daily_at", "soon"),
     ("urgent", ["mail", "daily"]), ("chased", ["pigeon"])],
)  # fmt: skip
def test_a_bad_choice_is_refused_at_its_field_and_nothing_is_kept(app, at, staff, signed_in, field, bad):
    answer = signed_in(staff["agent"]).post("/notices/mine", data=FORM | {field: bad})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert "li@example.com" in answer.get_data(as_text=True) or field == "mail"
    assert db.session.query(Choice).count() == 0


def test_every_kind_of_the_data_stands_in_one_group(app):
    kinds = [kind for some in SHIPPED["kinds"].values() for kind in some]
    assert len(kinds) == len(set(kinds)) == len(GROUP_OF)
    assert {f"notice.{kind}" for kind in ("p1_judged", "assigned", "chased", "mentioned")} <= set(TERMS)
    assert set(GROUPS) == {"urgent", "assigned", "chased", "other"}
    assert {way for ways in Wishes().groups.values() for way in ways} <= set(WAYS)


def test_urgent_never_waits_and_p1_is_always_urgent():
    shipped = Wishes()
    assert shipped.ways("warn", {"level": "P1"}) >= {"mail", "sound"}
    assert shipped.ways("warn", {"level": "P3"}) == {"daily"}
    assert not shipped.waits("escalated", {"level": "P4"})
    assert shipped.waits("assigned", {"level": "P2"})


def test_times_are_counted_right():
    evening = NINE.replace(hour=20)
    assert next_daily(evening, 510).isoformat() == "2026-11-25T08:30:00+00:00"
    assert next_daily(evening.replace(hour=8), 510).isoformat() == "2026-11-24T08:30:00+00:00"
    assert [quiet_now(evening.replace(hour=h), 72000, 28800) for h in (7, 8, 19, 20)] == [True, False, False, True]
    assert not quiet_now(evening, 72000, 72000)
    assert [pause_after(n) for n in (1, 2, 3, 4, 5)] == [60, 300, 900, 3600, None]


def test_the_bell_moves_with_the_check_a_page_makes_anyway(app, engine, at, staff, signed_in):
    browser = signed_in(staff["handler"])
    browser.get("/queues/mine")
    tag = browser.get("/queues/mine/changes", headers=HTMX).headers["HX-PTag"]
    before = browser.get("/clock", headers={"HX-PTag": "x"}).headers["X-Bell"]
    news([staff["handler"]])
    answer = browser.get("/queues/mine/changes", headers=HTMX | {"HX-PTag": tag})
    newest = db.session.query(tell.Notice.id).order_by(tell.Notice.id.desc()).first()[0]
    assert answer.status_code == 204
    assert (before, answer.headers["X-Bell"]) == ("0.0", f"1.{newest}")
    with transaction():
        tell.mark_read(staff["handler"].id, NINE)
    assert browser.get("/clock").headers["X-Bell"] == f"0.{newest}"


def test_the_desktop_is_told_ways_and_words_without_customer_data(app, at, staff, signed_in):
    browser = signed_in(staff["handler"])
    news([staff["handler"]], kind="due", key="a", level="P1")
    first = db.session.query(tell.Notice.id).first()[0]
    news([staff["handler"]], kind="warn", key="b")
    news([staff["head"]], key="c")
    told = browser.get(f"/notices/fresh?after={first - 1}").get_json()
    assert [one["ways"] for one in told["items"]] == [[], ["desktop", "sound"]]
    assert told["items"][1]["url"] == "/cases/RQ20261124-0001"
    assert "王芳" not in str(told)
    assert [one["id"] for one in browser.get(f"/notices/fresh?after={first}").get_json()["items"]] == [first + 1]
    assert len(browser.get("/notices/fresh?after=x").get_json()["items"]) == 2


def test_an_unknown_person_wants_nothing(app, staff):
    assert wishes_of([0, 999_999]) == {}
    assert people.names()[0]
