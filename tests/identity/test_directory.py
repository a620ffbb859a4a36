"""SE2: passwords asked of the company directory."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.identity import actions, queries
from portal.identity.actor import SYSTEM
from portal.identity.directory_door import escaped
from portal.identity.models import SignInFailure
from portal.identity.rules import TRIES_PER_PAIR
from portal.kernel import clock
from portal.kernel.company import BadSetting, Directory, directory_of
from portal.kernel.db import db, transaction
from tests import builders
from tests.identity.company_servers import FakeDirectory, running

PEOPLE = "uid={login},ou=people,dc=example,dc=com"
SECRET = "known to the directory"
WRONG, AWAY = "Login or password is wrong", "The company directory cannot be reached"


@pytest.fixture
def directory(app: Flask, at, staff) -> Iterator[FakeDirectory]:
    """A directory that knows the agent and the administrator, and the portal set to ask it."""
    made = FakeDirectory()
    made.passwords = {PEOPLE.replace("{login}", login): SECRET for login in ("agent", "admin", "stranger")}
    setting(app, host="127.0.0.1", port=made.port, tls="none", user_dn=PEOPLE)
    with running(made.server):
        yield made


def setting(app: Flask, **changes) -> None:
    before = app.config["PORTAL"].directory or Directory("127.0.0.1")
    app.config["PORTAL"] = replace(app.config["PORTAL"], directory=replace(before, **changes))


def sign_in(app: Flask, login: str = "agent", password: str = SECRET):
    client = app.test_client()
    client.set_cookie("locale", "en")
    return client.post("/session/sign-in", data={"login": login, "password": password, "next": "/queues"})


def refused(answer, words: str) -> bool:
    return answer.status_code == 403 and words in answer.get_data(as_text=True)


def failures() -> int:
    return db.session.scalar(select(func.count()).select_from(SignInFailure)) or 0


def test_the_directory_decides(app, directory):
    answer = sign_in(app, " Agent ")
    assert (answer.status_code, answer.location) == (303, "/queues")
    assert directory.binds == ["uid=agent,ou=people,dc=example,dc=com"]
    assert refused(sign_in(app, password="guessed"), WRONG)
    assert refused(sign_in(app, password=builders.PASSWORD), WRONG)  # the portal's own counts no longer
    assert failures() == 2


def test_who_has_no_open_account_here_stays_outside(app, directory, staff):
    assert refused(sign_in(app, "stranger"), WRONG)
    with transaction():
        actions.set_active(SYSTEM, clock.now(), queries.person_by_login("agent"), False)
    assert refused(sign_in(app), WRONG)


def test_an_empty_password_proves_nothing(app, directory):
    client = app.test_client()
    assert sign_in(app, password="").status_code == 422
    answer = client.post("/session/relogin", data={"login": "agent", "password": ""})
    assert answer.status_code == 403
    assert directory.binds == []


def test_administrators_get_in_while_the_directory_is_away(app, directory):
    assert sign_in(app, "admin").status_code == 303
    setting(app, port=1)
    assert sign_in(app, "admin", builders.PASSWORD).status_code == 303
    assert refused(sign_in(app), AWAY)
    assert failures() == 0
    for _ in range(TRIES_PER_PAIR):  # nobody may guess at it for as long as that lasts
        assert refused(sign_in(app, "admin", "guessed"), AWAY)
    assert refused(sign_in(app, "admin", builders.PASSWORD), "Too many wrong passwords")


def test_wrong_passwords_hold_back_before_the_directory_is_asked(app, directory):
    for _ in range(TRIES_PER_PAIR):
        sign_in(app, password="guessed")
    asked = len(directory.binds)
    assert refused(sign_in(app), "Too many wrong passwords")
    assert len(directory.binds) == asked


def test_a_directory_in_trouble_is_not_a_wrong_password(app, directory):
    for code in (1, 2, 8, 51, 52, 80):
        directory.code = code
        assert refused(sign_in(app), AWAY)
    assert failures() == 0


def test_a_login_stays_one_value_of_the_name(app, directory):
    directory.passwords["uid=agent,ou=admins,ou=people,dc=example,dc=com"] = SECRET
    assert refused(sign_in(app, "agent,ou=admins"), WRONG)
    assert directory.binds == [r"uid=agent\2cou\3dadmins,ou=people,dc=example,dc=com"]
    assert escaped(' #a\\"<;>+=*()李\n') == r"\20\23a\5c\22\3c\3b\3e\2b\3d\2a\28\29\e6\9d\8e\0a"


def test_people_are_found_by_an_attribute_first(app, directory):
    directory.passwords |= {"cn=reader": "reads", "cn=Li Min,ou=a": SECRET}
    directory.entries = {("sAMAccountName", "agent"): ["cn=Li Min,ou=a"]}
    setting(app, user_dn="", base="dc=x", attribute="sAMAccountName", bind_dn="cn=reader", bind_password="reads")
    assert sign_in(app).status_code == 303
    assert directory.binds == ["cn=reader", "cn=Li Min,ou=a"]
    for typed in ("*", "agent)(uid=*", "agent*", "nobody"):
        assert refused(sign_in(app, typed), WRONG)
    assert [value for _, value in directory.searches] == ["agent", "*", "agent)(uid=*", "agent*", "nobody"]
    directory.entries["sAMAccountName", "agent"] += ["cn=Li Min,ou=b"]
    assert refused(sign_in(app), WRONG)  # two of that name: nobody says which
    setting(app, bind_password="changed")
    assert refused(sign_in(app), AWAY)


def test_a_demonstration_asks_no_directory(app, directory):
    with transaction():
        actions.set_fact("demo", "1")
    assert sign_in(app, password=builders.PASSWORD).status_code == 303
    assert directory.binds == []


def test_settings_that_cannot_work_are_named(tmp_path):
    env = {"LDAP_URL": "ldaps://ldap.example", "LDAP_USER_DN": PEOPLE}
    assert directory_of({}) is None
    assert directory_of(env) == Directory("ldap.example", 636, "tls", PEOPLE)
    started = directory_of(env | {"LDAP_URL": "ldap://ldap.example:3890", "LDAP_STARTTLS": "1"})
    assert (started.port, started.tls) == (3890, "starttls")
    assert directory_of(env | {"LDAP_URL": "ldap://localhost"}).tls == "none"
    for bad in (
        {"LDAP_URL": "ldap://ldap.example"}, {"LDAP_URL": "https://ldap.example"}, {"LDAP_URL": "ldaps://[x"},
        {"LDAP_USER_DN": ""}, {"LDAP_USER_DN": "uid=x"}, {"LDAP_BASE": "dc=x"},
        {"LDAP_LOGIN_ATTRIBUTE": "uid)(x=*"}, {"LDAP_BIND_DN": "cn=x"}, {"LDAP_CA_FILE": "/nowhere"},
    ):  # fmt: skip
        with pytest.raises(BadSetting, match="LDAP_"):
            directory_of(env | bad)
