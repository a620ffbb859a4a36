"""SE2: a password that somebody else chose is replaced at the next sign-in, before anything else."""

import pytest

from portal.identity import queries
from portal.kernel.db import db
from tests.conftest import HTMX

GIVEN, OWN = "given in person", "nobody else knows it"
NEW = {"login": "lin", "name": "林晓", "roles": ["agent"], "where": "home", "password": GIVEN}


def enter(app, login: str, password: str):
    client = app.test_client()
    assert client.post("/session/sign-in", data={"login": login, "password": password}).status_code == 303
    return client


@pytest.fixture
def newcomer(app, at, staff, signed_in):
    """Somebody whose account was just opened, signed in with the password that was given."""
    unit = str(queries.unit_by_code("service").id)
    assert signed_in(staff["admin"]).post("/people", data=NEW | {"unit": unit}).status_code == 303
    return enter(app, "lin", GIVEN)


def test_everything_leads_to_the_page_until_the_password_is_ones_own(app, newcomer):
    answer = newcomer.get("/queues/service?sort=due")
    assert (answer.status_code, answer.location) == (302, "/session/password?next=/queues/service?sort%3Ddue")
    assert newcomer.get("/desk", headers=HTMX).status_code == 403
    assert newcomer.post("/intake/new", data={"description": "x"}).status_code == 403
    assert newcomer.get("/session/me").status_code == 302
    assert newcomer.get("/session/password?next=/queues/service").status_code == 200
    data = {"password": OWN, "again": OWN, "next": "/queues/service"}
    answer = newcomer.post("/session/password", data=data)
    assert (answer.status_code, answer.location) == (303, "/queues/service")
    assert newcomer.get("/queues/service").status_code == 200
    assert newcomer.get("/session/password").status_code == 302
    assert enter(app, "lin", OWN).get("/session/me").status_code == 200


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"password": "", "again": ""}, "password"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "1234567890", "again": "1234567890"}, "password"),
        ({"password": GIVEN, "again": GIVEN}, "password"),
        ({"password": OWN, "again": "something else"}, "again"),
    ],
)
def test_the_rules_stand_at_the_field_and_the_page_stays(newcomer, data, place):
    answer = newcomer.post("/session/password", data=data)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in answer.get_data(as_text=True)
    assert newcomer.get("/desk").status_code == 302


def test_whoever_would_rather_not_signs_out(newcomer):
    assert newcomer.post("/session/sign-out").status_code == 303
    assert "sign-in" in newcomer.get("/desk").location


def test_a_password_set_by_an_administrator_is_replaced_too_and_ones_own_is_not(app, engine, at, staff, signed_in):
    admin = signed_in(staff["admin"])
    assert admin.post("/people/agent/password", data={"password": GIVEN}).status_code == 303
    agent = enter(app, "agent", GIVEN)
    assert "/session/password" in agent.get("/desk").location
    assert agent.post("/session/password", data={"password": OWN, "again": OWN}).status_code == 303
    mine = {"present": OWN, "password": GIVEN, "again": GIVEN}
    assert agent.post("/session/me", data=mine).status_code == 303
    assert agent.get("/desk").status_code == 200
    db.session.expire_all()
    assert not queries.person_by_login("agent").provisional


def test_accounts_of_before_go_on_as_they_were(app, at, staff, signed_in):
    agent = signed_in(staff["agent"])
    assert agent.get("/session/password").status_code == 302
    assert agent.post("/session/password", data={"password": OWN, "again": OWN}).location == "/session/me"
