"""SE2: a second factor at sign-in, before reveals and exports, for the roles that see more than their own work."""

import base64
import re
from dataclasses import replace

import pytest

from portal.identity import actions, queries, second_rules
from portal.identity.policy import allow
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden
from tests.builders import PASSWORD, make_person


def test_codes_are_those_of_the_standard():
    secret = b"12345678901234567890"  # RFC 6238, appendix B, the last six of eight digits
    for at, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert second_rules.code(secret, at // 30) == code


def test_a_code_is_good_once_and_for_a_step_around_its_own():
    secret, now = b"x" * 20, 1_000_000_000
    step = now // 30
    typed = second_rules.code(secret, step)
    assert second_rules.step_of(secret, f"{typed[:3]} {typed[3:]}", now, 0) == step
    assert second_rules.step_of(secret, typed, now + 30, 0) == step
    assert second_rules.step_of(secret, typed, now + 90, 0) is None
    assert second_rules.step_of(secret, typed, now, step) is None
    assert second_rules.step_of(secret, "１２３４５６", now, 0) is None
    assert second_rules.step_of(secret, "", now, 0) is None


@pytest.mark.parametrize(
    ("mode", "role", "confirmed", "lacks"),
    [("required", "auditor", False, "owed"), ("required", "agent", False, "open"), ("required", "auditor", True, ""),
     ("offered", "auditor", False, ""), (None, "admin", False, "")],
)  # fmt: skip
def test_what_a_session_lacks(mode, role, confirmed, lacks):
    assert second_rules.standing(mode, frozenset((role,)), confirmed=confirmed) == lacks


def _required():
    with transaction():
        actions.set_fact("second_factor", "required")


def _person(login, role="handler", nonce="", unit="tech"):
    with transaction():
        person = make_person(role=role, unit=unit, login=login)
        queries.person(person.id).second_nonce = nonce


def _signs_in(browser, login, password=PASSWORD):
    return browser.post("/session/sign-in", data={"login": login, "password": password, "next": "/session/me"})


def _secret(page):
    spelled = re.search(r"<code>([A-Z2-7 =]+)</code>", page.get_data(as_text=True))[1]
    return base64.b32decode(spelled.replace(" ", ""))


def _code(secret, now):
    return second_rules.code(secret, int(now.timestamp()) // 30)


def test_an_auditor_sets_up_an_app_and_is_asked_for_its_code(app, at):
    _required()
    _person("second_auditor", "auditor")
    now = at()
    browser = app.test_client()
    assert _signs_in(browser, "second_auditor").status_code == 303
    first = browser.get("/archive")
    assert first.status_code == 302
    assert first.location.startswith("/session/second")
    assert browser.post("/archive/saved", data={}).status_code == 403
    page = browser.get("/session/second")
    secret = _secret(page)
    wrong = browser.post("/session/second", data={"code": "000000"})
    assert wrong.status_code == 422
    assert _secret(wrong) == secret
    good = browser.post("/session/second", data={"code": _code(secret, now), "next": "/archive"})
    assert good.status_code == 303
    assert good.location == "/archive"
    assert browser.get("/archive").status_code == 200

    now = at(minutes=2)
    other = app.test_client()
    halfway = _signs_in(other, "second_auditor")
    assert halfway.location.startswith("/session/code")
    assert other.get("/archive").status_code == 302  # the password alone opens nothing
    assert other.post("/session/code", data={"code": "123"}).status_code == 403
    entered = other.post("/session/code", data={"code": _code(secret, now), "next": "/archive"})
    assert entered.status_code == 303
    assert other.get("/archive").status_code == 200
    third = app.test_client()
    _signs_in(third, "second_auditor")
    assert third.post("/session/code", data={"code": _code(secret, now)}).status_code == 403  # used already


def test_a_half_sign_in_ends_after_five_minutes(app, at):
    _person("second_handler", nonce="abc")
    browser = app.test_client()
    assert _signs_in(browser, "second_handler").location.startswith("/session/code")
    at(minutes=6)
    assert browser.post("/session/code", data={"code": "123456"}).location.startswith("/session/sign-in")


def test_wrong_codes_count_like_wrong_passwords(app, at):
    _person("second_guesser", nonce="abc")
    browser = app.test_client()
    _signs_in(browser, "second_guesser")
    for _ in range(30):
        last = browser.post("/session/code", data={"code": "000000"})
    assert "15" in last.get_data(as_text=True)


def test_who_answers_customers_confirms_before_reveals_and_exports_alone(app, at, signed_in, staff):
    _required()
    browser = signed_in(staff["supervisor"])
    assert browser.get("/queues/all").status_code == 200
    refused = browser.get("/archive/export.csv?q=")
    assert refused.status_code == 403
    assert "second factor" in refused.get_data(as_text=True) or "二次验证" in refused.get_data(as_text=True)


def test_the_table_asks_for_it_where_the_session_lacks_it(app, staff):
    quality = staff["quality"]
    allow(quality, "archive.export")
    with pytest.raises(Forbidden, match="second_factor_first"):
        allow(replace(quality, factor="open"), "archive.export")


def test_the_administrator_frees_somebody_from_a_lost_telephone(app, at, signed_in, staff):
    _person("second_loser", nonce="abc")
    assert signed_in(staff["handler"]).post("/people/second_loser/second").status_code == 403
    assert signed_in(staff["admin"]).post("/people/second_loser/second").status_code == 303
    assert _signs_in(app.test_client(), "second_loser").location == "/session/me"


def test_the_administrator_says_whether_it_is_required(app, signed_in, staff):
    admin = signed_in(staff["admin"])
    assert admin.post("/people/second", data={"mode": "maybe"}).status_code == 422
    assert admin.post("/people/second", data={"mode": "required"}).status_code == 303
    assert queries.fact("second_factor") == "required"
    assert signed_in(staff["handler"]).post("/people/second", data={"mode": "offered"}).status_code == 403


def test_signing_in_again_under_the_overlay_asks_for_the_code_too(app, at):
    _person("second_again", nonce="abc")
    refused = app.test_client().post("/session/relogin", data={"login": "second_again", "password": PASSWORD})
    assert refused.status_code == 403
