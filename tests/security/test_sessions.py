"""SE2, F-64..F-69: sessions begin anew at sign-in, end at once everywhere, and nothing but input keeps them alive."""

import hashlib
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.factory import create_app
from portal.identity import actions, queries, rules
from portal.identity.actor import SYSTEM
from portal.identity.passwords import hashed
from portal.kernel import clock
from portal.kernel.config import Settings
from portal.kernel.db import db, transaction
from portal.kernel.schema import bring_up
from tests import builders
from tests.stores import build, close

COOKIE = "portal"
NEXT = [
    "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example",
    "http:evil.example", "https:/evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example",
    "/%5cevil.example",
    "\t//evil.example", "/\t/evil.example", " //evil.example", "/\n/evil.example", "https://localhost@evil.example", "",
]  # fmt: skip


def sign_in(client: FlaskClient, login: str = "agent", password: str = builders.PASSWORD, **more):
    data = {"login": login, "password": password} | more.pop("data", {})
    return client.post("/session/sign-in", data=data, **more)


def inside(client: FlaskClient) -> bool:
    return client.get("/desk").status_code == 200


def cookie_line(answer) -> str:
    return next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith((COOKIE, "__Host-")))


@pytest.fixture
def browsers(app, at, staff):
    """Two browsers in which the agent has signed in."""
    found = app.test_client(), app.test_client()
    for client in found:
        assert sign_in(client).status_code == 303
        assert inside(client)
    return found


def test_the_cookie_is_closed_to_scripts_and_other_sites(app, at, staff):
    line = cookie_line(sign_in(app.test_client()))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in line.split(";")}
    assert "Domain" not in line


def test_over_https_the_cookie_is_bound_to_this_host(app, at, staff):
    app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-portal")
    line = cookie_line(sign_in(app.test_client(), base_url="https://localhost"))
    assert line.startswith("__Host-portal=")
    assert {"Secure", "Path=/"} <= {part.strip() for part in line.split(";")}


def test_a_secure_installation_chooses_that_name_itself(tmp_path):
    settings = Settings(data=tmp_path, database_url=f"sqlite:///{tmp_path}/x.db", secret_key="k")
    made = create_app(replace(settings, secure=True), TESTING=True)
    assert (made.config["SESSION_COOKIE_NAME"], made.config["SESSION_COOKIE_SECURE"]) == ("__Host-portal", True)
    close(made)


def test_signing_in_gives_a_new_cookie_and_forgets_the_old_one(app, at, staff):
    client = app.test_client()
    client.get("/session/token")
    before = client.get_cookie(COOKIE).value
    sign_in(client)
    after = client.get_cookie(COOKIE).value
    assert before != after
    thief = app.test_client()
    thief.set_cookie(COOKIE, before)
    assert not inside(thief)


def test_a_copied_cookie_dies_with_the_sign_out(app, browsers):
    first, second = browsers
    copy = app.test_client()
    copy.set_cookie(COOKIE, first.get_cookie(COOKIE).value)
    assert inside(copy)
    first.post("/session/sign-out")
    assert not inside(first)
    assert not inside(copy)
    assert inside(second)


def test_disabling_ends_every_browser_at_once(app, browsers, staff):
    with transaction():
        actions.set_active(SYSTEM, clock.now(), queries.person(staff["agent"].id), False)
    assert [inside(c) for c in browsers] == [False, False]
    assert sign_in(app.test_client()).status_code == 403


def test_a_new_password_ends_all_other_browsers(app, browsers):
    first, second = browsers
    new = "a very new password 7"
    answer = first.post("/session/me", data={"present": builders.PASSWORD, "password": new, "again": new})
    assert answer.status_code == 303
    assert (inside(first), inside(second)) == (True, False)
    assert sign_in(app.test_client()).status_code == 403
    assert sign_in(app.test_client(), password=new).status_code == 303


def test_an_administrators_new_password_ends_them_too(app, browsers, staff):
    with transaction():
        actions.set_password(
            staff["admin"], clock.now(), queries.person(staff["agent"].id), hashed("something else 99")
        )
    assert [inside(c) for c in browsers] == [False, False]


def test_a_session_ends_after_an_hour_without_input(browsers, at):
    first, second = browsers
    at(minutes=59, seconds=59)
    assert inside(first)
    at(minutes=60)
    assert not inside(second)
    at(minutes=119)
    assert inside(first)


def test_polling_keeps_nothing_alive(browsers, at):
    first, _ = browsers
    for minutes in range(5, 60, 5):
        at(minutes=minutes)
        assert first.get("/clock", headers={"HX-PTag": "x", "HX-Request": "true"}).status_code == 204
    at(minutes=60)
    assert first.get("/clock", headers={"HX-PTag": "x", "HX-Request": "true"}).status_code == 401


def test_nobody_stays_longer_than_twelve_hours(browsers, at):
    first, _ = browsers
    for minutes in range(30, 720, 30):
        at(minutes=minutes)
        assert inside(first)
    at(hours=12)
    assert not inside(first)


def test_eight_wrong_passwords_hold_back_this_account_from_this_address_only(app, at, staff):
    here, there = {"REMOTE_ADDR": "10.0.0.1"}, {"REMOTE_ADDR": "10.0.0.2"}
    client = app.test_client()
    for _ in range(rules.TRIES_PER_PAIR):
        assert sign_in(client, password="wrong", environ_overrides=here).status_code == 403
    assert sign_in(client, environ_overrides=here).status_code == 403
    assert sign_in(app.test_client(), environ_overrides=there).status_code == 303
    assert sign_in(app.test_client(), login="supervisor", environ_overrides=here).status_code == 303
    at(minutes=15, seconds=1)
    assert sign_in(client, environ_overrides=here).status_code == 303


def test_one_address_cannot_try_many_accounts(app, at, staff):
    with transaction():
        for n in range(rules.TRIES_PER_ADDRESS):
            actions.note_failure(f"nobody{n}", "127.0.0.1", clock.now())
    assert sign_in(app.test_client()).status_code == 403


def test_an_unknown_login_reads_like_a_wrong_password(app, at, staff):
    known, unknown = (sign_in(app.test_client(), login=who, password="wrong") for who in ("agent", "nobody"))
    texts = [a.get_data(as_text=True).replace("agent", "X").replace("nobody", "X") for a in (known, unknown)]
    strip = [[line for line in t.splitlines() if "csrf" not in line.lower()] for t in texts]
    assert known.status_code == unknown.status_code == 403
    assert strip[0] == strip[1]


@pytest.mark.parametrize("target", NEXT)
def test_after_signing_in_nobody_is_led_elsewhere(app, at, staff, target):
    client = app.test_client()
    led = [sign_in(client, data={"next": target}), client.get("/session/sign-in", query_string={"next": target})]
    for answer in led:
        parts = urlsplit(answer.location)
        assert not parts.scheme
        assert not parts.netloc
        assert answer.location.startswith("/")
        assert not answer.location.startswith(("//", "/\\"))
        assert not set(answer.location) & set("\t\r\n")


def test_signing_in_under_the_overlay_answers_json_with_a_token_that_works(app, at, staff):
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    first = client.get("/session/token").json["csrf"]
    head = {"X-CSRFToken": first, "Accept": "application/json"}
    wrong = client.post("/session/relogin", data={"login": "agent", "password": "no"}, headers=head)
    assert (wrong.status_code, bool(wrong.json["message"])) == (403, True)
    answer = client.post("/session/relogin", data={"login": "agent", "password": builders.PASSWORD}, headers=head)
    assert answer.status_code == 200
    token = answer.json["csrf"]
    assert client.post("/notices", headers={"X-CSRFToken": token}).status_code == 303
    assert client.post("/notices", headers={"X-CSRFToken": first}).status_code in (303, 400)


def test_every_answer_carries_the_headers(app, at, staff, signed_in):
    client = signed_in(staff["agent"])
    sheet = client.get("/static/base.css")
    sheet.close()
    answers = [client.get(u) for u in ("/desk", "/no/such", "/cases/none", "/healthz")] + [sheet]
    answers += [app.test_client().get("/desk"), client.post("/session/locale", data={"locale": "xx"})]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "'unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer.headers
    assert all("no-store" in a.headers["Cache-Control"] for a in answers if a.request.path != "/static/base.css")
    assert "max-age" in client.get("/desk", base_url="https://localhost").headers["Strict-Transport-Security"]
    empty = client.get("/clock")  # without a body there is nothing to frame, to run or to guess, only not to keep
    assert (empty.status_code, empty.headers["Cache-Control"]) == (204, "no-store")
    assert set(empty.headers.keys()) - {"X-Alarm"} == {"Cache-Control", "X-Now", "X-Bell"}  # X-Alarm: incidents run


def test_a_forged_host_changes_no_link(app, at, staff):
    client = app.test_client()
    page = client.get("/desk", headers={"Host": "evil.example"})
    assert page.location == "/session/sign-in?next=/desk"
    shown = client.get("/session/sign-in", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in shown.get_data(as_text=True)


def test_a_forged_address_does_not_help_against_being_held_back(app, at, staff):
    client = app.test_client()
    for n in range(rules.TRIES_PER_PAIR):
        sign_in(client, password="wrong", headers={"X-Forwarded-For": f"10.9.8.{n}"})
    assert sign_in(client, headers={"X-Forwarded-For": "10.9.9.9"}).status_code == 403


def test_plain_http_is_said_aloud_beyond_this_machine(app, at, staff, signed_in):
    client = signed_in(staff["agent"])
    english = {"Accept-Language": "en"}
    texts = {
        base: app.test_client().get("/session/sign-in", base_url=base, headers=english).text
        for base in ("http://localhost", "http://127.0.0.1:8000", "https://portal.example", "http://portal.example")
    }
    assert client.get("/desk").status_code == 200
    words = {base: "not encrypted" in text for base, text in texts.items()}
    assert words == {
        "http://localhost": False, "http://127.0.0.1:8000": False, "https://portal.example": False,
        "http://portal.example": True,
    }  # fmt: skip


@pytest.fixture
def empty(tmp_path, request) -> Flask:
    """An installation in which nobody has an account."""
    made = build(tmp_path)
    with made.app_context():
        bring_up()
        with transaction():
            builders.reference_data()
        yield made
    close(made)


def test_the_first_administrator_comes_by_the_printed_link_once(empty, at):
    with transaction():
        actions.set_fact("setup", hashlib.sha256(b"printed").hexdigest())
    client = empty.test_client()
    form = {"login": "boss", "name": "管理员", "password": "a good long one 1", "again": "a good long one 1"}
    assert client.get("/session/setup/guessed").status_code == 404
    assert client.post("/session/setup/guessed", data=form).status_code == 404
    assert client.post("/session/setup/printed", data=form | {"password": "short", "again": "short"}).status_code == 422
    assert client.get("/session/setup/printed").status_code == 200
    assert client.post("/session/setup/printed", data=form).status_code == 303
    assert client.get("/desk").location.startswith("/session/second")  # SE2: an administrator owes a second factor
    assert client.get("/session/second").status_code == 200
    again = empty.test_client()
    assert again.get("/session/setup/printed").status_code == 404
    assert again.post("/session/setup/printed", data=form | {"login": "second"}).status_code == 404


def test_the_link_is_dead_where_people_are(app, at, staff):
    with transaction():
        actions.set_fact("setup", hashlib.sha256(b"printed").hexdigest())
    assert app.test_client().get("/session/setup/printed").status_code == 404


def test_one_click_sign_in_exists_in_a_demo_only(app, at, staff):
    client = app.test_client()
    assert client.post("/session/demo", data={"as": "agent"}).status_code == 404
    with transaction():
        actions.set_fact("demo_accounts", "agent supervisor")
    assert client.post("/session/demo", data={"as": "agent"}).status_code == 404
    assert "/session/demo" not in client.get("/session/sign-in").get_data(as_text=True)
    with transaction():
        actions.set_fact("demo", "1")
        actions.set_active(staff["admin"], builders.NINE, queries.person(staff["business"].id), False)
    page = client.get("/session/sign-in").get_data(as_text=True)
    assert [f'value="{login}"' in page for login in ("agent", "handler", "business")] == [True, True, False]
    assert client.post("/session/demo", data={"as": "business"}).status_code == 404
    assert client.post("/session/demo", data={"as": "nobody"}).status_code == 404
    assert client.post("/session/demo", data={"as": "handler"}).status_code == 303


def test_the_store_knows_no_token_and_no_password(app, at, staff):
    client = app.test_client()
    sign_in(client)
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    with app.app_context():
        rows = repr(db.session.execute(text("SELECT * FROM session")).fetchall())
        people = repr(db.session.execute(text("SELECT * FROM person")).fetchall())
    assert token not in rows
    assert builders.PASSWORD not in people
