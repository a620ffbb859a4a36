"""SE2, SE3, RO9, RO10: roles of accounts that exist are given and ended on screen, with effect at once."""

import pytest

from portal.identity import policy, queries, role_actions
from portal.identity.actor import ROLES
from portal.identity.rights_words import VERBS
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid
from tests import builders
from tests.builders import NINE


def unit(code: str) -> int:
    return queries.unit_by_code(code).id


def held(login: str) -> frozenset[tuple[str, int | None]]:
    db.session.rollback()
    db.session.expire_all()
    return queries.actor_by_login(login).roles


def kinds(person_id: int) -> list[tuple[str, int]]:
    db.session.rollback()
    return [(line.kind, line.by_id) for line in queries.history(person_id)]


def test_a_role_holds_from_the_next_request_of_the_same_browser_and_ends_as_quickly(app, engine, at, staff, signed_in):
    admin, agent = signed_in(staff["admin"]), signed_in(staff["agent"])
    assert agent.get("/people").status_code == 403
    given = {"role-role": "security", "role-where": "all"}
    assert admin.post("/people/agent/roles", data=given).status_code == 303
    assert agent.get("/people").status_code == 200
    assert ("security", None) in held("agent")
    assert admin.post("/people/agent/roles/end", data={"role": "security", "unit": ""}).status_code == 303
    assert agent.get("/people").status_code == 403
    who = staff["admin"].id
    assert kinds(staff["agent"].id)[:2] == [("RoleEnded", who), ("RoleGiven", who)]
    assert stream.faults(["config:people"]) == []


def test_a_role_in_one_department_opens_that_department_alone(app, at, staff, signed_in):
    admin = signed_in(staff["admin"])
    data = {"role-role": "handler", "role-where": "home", "role-unit": str(unit("business"))}
    assert admin.post("/people/handler/roles", data=data).status_code == 303
    found = policy.scope(queries.actor_by_login("handler"), "case.result")
    assert found == {unit("tech"), unit("business")}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"role-role": "", "role-where": "all"}, "role-role"),
        ({"role-role": "king", "role-where": "all"}, "role-role"),
        ({"role-role": "head", "role-where": "home", "role-unit": ""}, "role-unit"),
        ({"role-role": "head", "role-where": "all"}, "role-unit"),
        ({"role-role": "admin", "role-where": "home", "role-unit": "999"}, "role-unit"),
        ({"role-role": "supervisor", "role-where": "all"}, "role-role"),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_is_kept(app, at, staff, signed_in, data, place):
    before = held("supervisor")
    answer = signed_in(staff["admin"]).post("/people/supervisor/roles", data=data)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in answer.get_data(as_text=True)
    assert held("supervisor") == before
    assert [kind for kind, _ in kinds(staff["supervisor"].id)] == ["PersonAdded"]


def test_nobody_changes_their_own_roles_or_department(app, at, staff, signed_in):
    admin = signed_in(staff["admin"])
    assert admin.post("/people/admin/roles", data={"role-role": "quality", "role-where": "all"}).status_code == 403
    assert admin.post("/people/admin/roles/end", data={"role": "admin", "unit": ""}).status_code == 403
    assert admin.post("/people/admin/home", data={"home-unit": str(unit("tech"))}).status_code == 403
    assert held("admin") == {("admin", None)}
    assert "End the role" not in admin.get("/people/admin", headers={"Accept-Language": "en"}).get_data(as_text=True)


def test_of_two_administrators_who_end_each_others_right_the_second_is_refused(app, engine, at, staff, signed_in):
    """The second one's rights were read before they ended: the store decides."""
    with transaction():
        other = builders.make_person(role="admin", unit="hq", name="沈宁", login="other", everywhere=True)
    with transaction():
        role_actions.end_role(staff["admin"], NINE, queries.person(other.id), "admin", None)
    with pytest.raises(Invalid, match="last_admin"), transaction():
        role_actions.end_role(other, NINE, queries.person(staff["admin"].id), "admin", None)
    assert held("admin") == {("admin", None)}
    assert held("other") == frozenset()
    assert [kind for kind, _ in kinds(staff["admin"].id)] == ["PersonAdded"]


def test_ending_what_is_not_held_writes_nothing_and_giving_twice_keeps_one(app, at, staff, signed_in):
    admin, given = signed_in(staff["admin"]), {"role-role": "analyst", "role-where": "all"}
    for status in (303, 422):
        assert admin.post("/people/quality/roles", data=given).status_code == status
    for _ in range(2):
        assert admin.post("/people/quality/roles/end", data={"role": "analyst", "unit": ""}).status_code == 303
    assert [kind for kind, _ in kinds(staff["quality"].id)] == ["RoleEnded", "RoleGiven", "PersonAdded"]
    assert admin.post("/people/quality/roles/end", data={"role": "x", "unit": "y"}).status_code == 422


def test_somebody_moves_to_another_department_and_keeps_the_roles(app, at, staff, signed_in):
    admin, before = signed_in(staff["admin"]), held("handler")
    for _ in range(2):
        assert admin.post("/people/handler/home", data={"home-unit": str(unit("business"))}).status_code == 303
    assert admin.post("/people/handler/home", data={"home-unit": "999"}).status_code == 422
    assert held("handler") == before
    assert queries.person_by_login("handler").unit_id == unit("business")
    assert [kind for kind, _ in kinds(staff["handler"].id)] == ["PersonMoved", "PersonAdded"]
    page = admin.get("/people/handler", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Technical support → Business processing" in page
    assert "冯涛" in page


@pytest.mark.parametrize("login", [role for role in ROLES if role != "admin"])
def test_only_the_administrator_changes_roles(app, at, staff, signed_in, login):
    browser = signed_in(staff[login])
    for way, data in (
        ("roles", {"role-role": "admin", "role-where": "all"}),
        ("roles/end", {"role": "handler", "unit": str(unit("business"))}),
        ("home", {"home-unit": str(unit("tech"))}),
    ):
        assert browser.post(f"/people/business/{way}", data=data).status_code == 403
    with pytest.raises(Forbidden), transaction():
        role_actions.give_role(staff[login], NINE, queries.person_by_login("business"), "admin", None)
    assert [kind for kind, _ in kinds(staff["business"].id)] == ["PersonAdded"]


def test_every_right_has_words_and_the_page_lists_them(app, at, staff, signed_in):
    assert set(VERBS) == set(policy.TABLE)
    page = signed_in(staff["security"]).get("/people/head", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Approve new times and pauses" in page
    assert "Judge the level of cases" not in page
    assert "End the role" not in page
    mine = signed_in(staff["head"]).get("/session/me", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Approve new times and pauses" in mine
