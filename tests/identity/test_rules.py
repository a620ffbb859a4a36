"""People and sessions: limits to the second, passwords that are refused, roles that exist."""

from datetime import timedelta

import pytest

from portal.identity import actions, queries, rules
from portal.identity.actor import SYSTEM
from portal.identity.passwords import check_strength, hashed, matches
from portal.identity.routes import safe_way
from portal.journal import stream
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid
from tests import builders
from tests.builders import NINE

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "idle", "revoked", "holds"),
    [
        (timedelta(0), timedelta(0), None, True),
        (timedelta(hours=2), timedelta(minutes=60) - SECOND, None, True),
        (timedelta(hours=2), timedelta(minutes=60), None, False),
        (timedelta(hours=12) - SECOND, timedelta(0), None, True),
        (timedelta(hours=12), timedelta(0), None, False),
        (timedelta(0), timedelta(0), NINE, False),
    ],
)
def test_a_session_lives_as_long_as_the_rule_says(age, idle, revoked, holds):
    assert rules.alive(NINE - age, NINE - idle, revoked, NINE) is holds


@pytest.mark.parametrize(("pair", "address", "held"), [(7, 59, False), (8, 8, True), (0, 60, True), (0, 0, False)])
def test_sign_in_is_held_back_from_the_eighth_wrong_password(pair, address, held):
    assert rules.held_back(pair, address) is held


@pytest.mark.parametrize("password", ["", "short", "123456789", "1234567890", "PASSWORD123", "longlogin12"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(Invalid):
        check_strength(password, "longlogin12")


@pytest.mark.parametrize("password", ["correct horse", "密码要有十个字才够长呢", "x" * 200, "  spaces count "])
def test_long_ones_are_taken_as_they_are(password):
    check_strength(password, "somebody")


def test_a_hash_fits_its_password_alone():
    stored = hashed("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert matches(stored, "correct horse battery")
    assert not matches(stored, "correct horse batter")
    assert not matches(None, "nobody has this password")
    assert not matches("not a hash", "x")


@pytest.mark.parametrize("way", ["/cases/1?x=1", "/desk", "/"])
def test_a_way_inside_is_kept(way):
    assert safe_way(way) == way


@pytest.mark.parametrize("way", [None, "", "//x", "https://x", "/\\x", "\\\\x", "javascript:x", "desk"])
def test_a_way_outside_leads_home(way):
    assert safe_way(way) == "/"


def test_accounts_are_opened_in_the_journal(app, at, staff):
    lines = stream.read("config:people")
    assert [line.kind for line in lines] == ["PersonAdded"] * len(staff)
    assert "password" not in repr([line.facts for line in lines]).lower()


def test_a_login_is_taken_in_any_spelling(app, at, staff):
    with pytest.raises(Invalid) as refused, transaction():
        builders.make_person(login=" AGENT ")
    assert refused.value.code == "login_taken"


def test_a_role_that_does_not_exist_opens_no_account(app, at):
    with pytest.raises(Invalid), transaction():
        builders.make_person(role="king", login="king")
    assert queries.person_by_login("king") is None


def test_only_the_administrator_changes_others(app, at, staff):
    other = queries.person(staff["handler"].id)
    for login in ("agent", "supervisor", "head", "security", "auditor"):
        with pytest.raises(Forbidden), transaction():
            actions.set_password(staff[login], NINE, other, "x")
        with pytest.raises(Forbidden), transaction():
            actions.set_active(staff[login], NINE, other, False)
    with transaction():
        actions.set_active(staff["admin"], NINE, queries.person(other.id), False)
    assert queries.holders("handler", {staff["handler"].unit_id}) == []


def test_holders_are_found_by_unit_and_everywhere(app, at, staff):
    tech = queries.unit_by_code("tech").id
    assert queries.holders("head", {tech}) == [staff["head"].id]
    assert queries.holders("supervisor", {tech}) == [staff["supervisor"].id]
    assert SYSTEM.id not in queries.holders("supervisor")
