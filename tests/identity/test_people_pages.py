"""SE2, SE3: the administrator's pages about people."""

import pytest

from portal.identity import queries
from portal.identity.models import SessionRow
from portal.identity.passwords import matches
from portal.kernel.db import db

NEW = {
    "login": "lin",
    "name": "林晓",
    "roles": ["agent"],
    "where": "home",
    "password": "a sentence to remember",
}


@pytest.fixture
def admin(staff, signed_in):
    return signed_in(staff["admin"])


def department(code: str = "service") -> str:
    return str(queries.unit_by_code(code).id)


def test_the_list_names_everybody_with_roles_and_units(admin):
    page = admin.get("/people", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "李敏" in page
    assert "Customer service agent" in page
    narrowed = admin.get("/people?q=handler").get_data(as_text=True)
    assert "陈浩" in narrowed
    assert "李敏" not in narrowed


def test_a_person_is_added_and_can_sign_in(admin):
    answer = admin.post("/people", data=NEW | {"unit": department()})
    assert (answer.status_code, answer.location) == (303, "/people?saved=added")
    person = queries.person_by_login("lin")
    assert queries.actor_of(person).roles == {("agent", int(department()))}
    assert matches(person.password_hash, NEW["password"])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"login": "agent"}, "login"),
        ({"login": "林 晓"}, "login"),
        ({"roles": []}, "roles"),
        ({"unit": ""}, "unit"),
        ({"password": "short"}, "password"),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(admin, change, place):
    answer = admin.post("/people", data=NEW | {"unit": department()} | change)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in page
    assert "林晓" in page
    assert NEW["password"] not in page


def test_disabling_signs_the_person_out_and_enabling_lets_them_in_again(admin, staff, signed_in):
    agent = signed_in(staff["agent"])
    assert agent.get("/session/me").status_code == 200
    assert admin.post("/people/agent/active", data={"active": "0"}).status_code == 303
    assert agent.get("/session/me").status_code in (302, 401)
    assert admin.post("/people/agent/active", data={"active": "1"}).status_code == 303
    db.session.expire_all()
    assert queries.person_by_login("agent").active


def test_nobody_disables_their_own_account(admin):
    assert admin.post("/people/admin/active", data={"active": "0"}).status_code == 403


def test_a_new_password_ends_every_session_and_a_weak_one_is_refused(admin, staff, signed_in):
    signed_in(staff["agent"])
    assert admin.post("/people/agent/password", data={"password": "1234567890"}).status_code == 422
    assert admin.post("/people/agent/password", data={"password": "quite a new sentence"}).status_code == 303
    db.session.expire_all()
    rows = db.session.query(SessionRow).filter_by(person_id=staff["agent"].id).all()
    assert all(row.revoked_at for row in rows)
    assert matches(queries.person_by_login("agent").password_hash, "quite a new sentence")


def test_the_security_officer_looks_but_changes_nothing(staff, signed_in):
    browser = signed_in(staff["security"])
    assert "新增人员" not in browser.get("/people").get_data(as_text=True)
    assert browser.get("/people/agent").status_code == 200
    assert browser.get("/people/new").status_code == 403
    assert browser.post("/people/agent/active", data={"active": "0"}).status_code == 403
    assert browser.post("/people", data=NEW).status_code == 403


def test_others_see_nothing_of_it(staff, signed_in):
    for who in ("agent", "supervisor", "auditor"):
        assert signed_in(staff[who]).get("/people").status_code == 403
    assert signed_in(staff["admin"]).get("/people/nobody").status_code == 404


def test_all_errors_are_told_at_once_and_the_password_is_not_called_kept(admin):
    wrong = {"login": "agent", "name": "", "roles": [], "unit": "", "where": "home", "password": "short"}
    page = admin.post("/people", data=wrong).get_data(as_text=True)
    assert all(f'id="{place}-error"' in page for place in ("login", "name", "roles", "unit", "password"))
    assert "密码需重新填写" in page


def test_disabling_asks_first(admin):
    page = admin.get("/people/agent/disable").get_data(as_text=True)
    assert 'name="active" value="0"' in page
    assert queries.person_by_login("agent").active
    assert admin.get("/people/admin/disable").status_code == 403
