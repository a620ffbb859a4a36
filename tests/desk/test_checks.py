"""An unchanged check is answered below Flask, and still knows who asks, what may be seen and what is new."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import request, request_started
from sqlalchemy import select

from portal.cases import actions as cases
from portal.desk import presence
from portal.identity import actions as people
from portal.identity.actor import SYSTEM
from portal.identity.models import Membership, Person
from portal.identity.role_actions import end_role
from portal.kernel import clock, feed
from portal.kernel.db import db, transaction
from portal.notices import tell
from tests.builders import NINE, judged_case

PATH = "/queues/tech/changes"


@pytest.fixture
def case(staff, at):
    """A case of the technical department."""
    with transaction():
        return judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")


class Screen:
    """An open queue of the technical department, as its browser asks for changes."""

    def __init__(self, browser):
        self.browser = browser
        self.tag = re.search(r'hx-ptag="([^"]+)"', browser.get("/queues/tech").text).group(1)
        assert self.ask().status_code == 204  # whatever is not in memory yet comes in

    def ask(self, **headers):
        return self.browser.get(PATH, headers={"HX-Request": "true", "HX-PTag": self.tag} | headers)


@contextmanager
def through_flask(app):
    """The addresses that come as far as Flask."""
    seen = []

    def note(_app, **_):
        seen.append(request.path)

    with request_started.connected_to(note, app):
        yield seen


def below(app, screen):
    """An answer given below Flask; where the watch was last seen awake too long ago the next one is."""
    for _ in range(20):
        with through_flask(app) as seen:
            answer = screen.ask()
        if not seen:
            return answer
    raise AssertionError("every check went through Flask")


def test_an_unchanged_check_stays_below_flask_and_proves_life(app, engine, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    answer = below(app, screen)
    assert (answer.status_code, answer.data) == (204, b"")
    assert set(answer.headers.keys()) == {"X-Bell", "Cache-Control", "X-Now"}
    assert (answer.headers["Cache-Control"], answer.headers["X-Now"]) == ("no-store", str(clock.millis()))


def test_what_changes_is_shown_at_the_next_check(app, engine, at, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    with transaction():
        cases.note(staff["handler"], NINE + timedelta(minutes=6), case, text="已联系机房")
    answer = screen.ask()
    assert answer.status_code == 200
    assert f'id="case-{case.id}"' in answer.text


def test_a_step_that_another_screen_has_gone_stays_below_flask(app, engine, at, case, staff, signed_in):
    first, second, third = (Screen(signed_in(staff[name])) for name in ("handler", "handler", "head"))
    with transaction():
        cases.note(staff["handler"], NINE + timedelta(minutes=6), case, text="已联系机房")
    drawn = first.ask()
    answer = below(app, second)
    assert (answer.status_code, answer.data) == (200, drawn.data)
    assert f'id="case-{case.id}"' in answer.text
    assert answer.headers["HX-PTag"] == drawn.headers["HX-PTag"] != second.tag
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    second.tag = answer.headers["HX-PTag"]
    assert below(app, second).status_code == 204
    with through_flask(app) as seen:
        theirs = third.ask()  # whose own figures nobody has counted yet
    assert (seen, theirs.status_code) == ([PATH], 200)


def test_a_cookie_that_is_no_text_is_none(app, at, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    asked = {"PATH_INFO": PATH, "HTTP_HX_PTAG": screen.tag, "HTTP_COOKIE": "portal=\xff; a=\xfe"}
    assert app.extensions["at_once"].at_once(asked) is None
    assert app.test_client().get(PATH, headers={"HX-Request": "true", "Cookie": b"portal=\xff"}).status_code == 401


def test_figures_grow_old_in_memory(app, engine, at, case, staff, signed_in):
    first, second = (Screen(signed_in(staff["handler"])) for _ in range(2))
    with transaction():
        cases.note(staff["handler"], NINE + timedelta(minutes=6), case, text="已联系机房")
    first.ask()
    at(minutes=1)  # more than figures are believed
    second.ask()  # presence and watch are looked at anew
    with through_flask(app) as seen:
        first.tag = "all"
        first.ask()
    assert seen == [PATH]


def test_the_bell_and_who_is_here_move_at_once(app, engine, at, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    before = below(app, screen).headers["X-Bell"]
    with transaction():
        facts = {"no": case.no, "title": case.title, "level": "P2"}
        tell.tell([staff["handler"].id], "assigned", subject=f"case:{case.id}", key="k", facts=facts, now=clock.now())
    assert screen.ask().headers["X-Bell"] != before
    presence.sign(staff["agent"], clock.millis() // 1000, case.id, "look")
    assert screen.ask().headers["X-Here"] == below(app, screen).headers["X-Here"]


def test_who_is_signed_out_or_sent_away_hears_no_more(app, engine, at, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    at(minutes=59)
    assert screen.ask().status_code == 204
    at(minutes=60)
    assert screen.ask().status_code == 401
    at()
    screen = Screen(signed_in(staff["handler"]))
    with transaction():
        people.end_sessions(staff["handler"].id, clock.now())
    assert screen.ask().status_code == 401
    screen = Screen(signed_in(staff["handler"]))
    with transaction():
        people.set_active(SYSTEM, clock.now(), db.session.get_one(Person, staff["handler"].id), False)
    assert screen.ask().status_code == 401


def test_who_loses_the_right_hears_no_more(app, engine, at, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    with transaction():
        person = db.session.get_one(Person, staff["handler"].id)
        for role, unit in db.session.execute(
            select(Membership.role, Membership.unit_id).where(Membership.person_id == person.id)
        ).all():
            end_role(SYSTEM, clock.now(), person, role, unit)
    assert screen.ask().status_code == 403


def test_a_first_password_of_ones_own_comes_first(app, engine, at, case, staff, signed_in):
    screen = Screen(signed_in(staff["handler"]))
    with transaction():
        db.session.get_one(Person, staff["handler"].id).provisional = True
        feed.touch(people.TOPIC, staff["handler"].id)
    assert screen.ask().status_code == 403


def test_what_is_not_this_browsers_page_goes_the_ordinary_way(app, at, case, staff, signed_in):
    browser = signed_in(staff["handler"])
    screen = Screen(browser)
    stranger, other = app.test_client(), signed_in(staff["business"])
    asked = {"HX-Request": "true", "HX-PTag": screen.tag}
    assert stranger.get(PATH, headers=asked).status_code == 401
    assert other.get(PATH, headers=asked).status_code == 403
    assert browser.post(PATH, headers=asked).status_code in (400, 404, 405)
    assert browser.get(PATH + "?segment=late", headers=asked).status_code == 200
    assert browser.get("/queues/nowhere/changes", headers=asked).status_code == 404
    assert screen.ask(**{"HX-PTag": "all"}).status_code == 200
    with through_flask(app) as seen:
        browser.set_cookie("wrote", "1")
        assert screen.ask().status_code == 204
    assert seen == [PATH]
    browser.delete_cookie("wrote")
    browser.set_cookie("portal", "x" + browser.get_cookie("portal").value[1:])
    assert screen.ask().status_code == 401
