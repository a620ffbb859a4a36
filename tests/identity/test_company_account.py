"""SE2: signing in with the company account; every proof that does not hold is refused in words."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, func, select

from portal.identity import actions, company, oidc, queries
from portal.identity.actor import SYSTEM
from portal.identity.models import SignInFailure
from portal.identity.rules import TRIES_PER_PAIR
from portal.kernel import clock
from portal.kernel.company import BadSetting, Provider, provider_of
from portal.kernel.db import db, transaction
from tests.identity.company_servers import CLIENT, SECRET, IdentityProvider, asked_of, running
from tests.services import need

PORTAL = "https://portal.example"
REFUSED = "did not confirm who you are"
BUTTON = "Sign in with the company account"


@pytest.fixture(scope="module")
def server() -> Iterator[IdentityProvider]:
    """An identity provider for this file."""
    need("joserfc")
    made = IdentityProvider()
    with running(made.server):
        yield made


@pytest.fixture
def provider(app, at, staff, server) -> IdentityProvider:
    """The same as on its first day, and the portal set to believe it."""
    server.begin()
    oidc.forget()
    app.config["PORTAL"] = replace(app.config["PORTAL"], url=PORTAL, provider=Provider(server.issuer, CLIENT, SECRET))
    return server


@pytest.fixture
def browser(app):
    """Somebody who reads English."""
    client = app.test_client()
    client.set_cookie("locale", "en")
    return client


def leave(browser, way: str = "/queues") -> dict[str, str]:
    """Out to the provider: what it is asked."""
    answer = browser.get("/session/company", query_string={"next": way})
    assert answer.status_code == 303
    return asked_of(answer.location)


def come_back(browser, provider, asked: dict[str, str], **changes: str):
    """Back with a code for what was asked."""
    return browser.get(
        "/session/company/back", query_string={"code": provider.grant(asked), "state": asked["state"]} | changes
    )


def said(browser, answer) -> str:
    """The sign-in page after a refusal."""
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/session/sign-in")
    page = browser.get("/session/sign-in").get_data(as_text=True)
    assert browser.get("/desk").status_code == 302
    return page


def failures() -> int:
    return db.session.scalar(select(func.count()).select_from(SignInFailure)) or 0


def test_the_company_account_opens_the_portal_where_one_wanted_to_go(provider, browser):
    assert BUTTON in browser.get("/session/sign-in").get_data(as_text=True)
    asked = leave(browser, "/queues?level=P1")
    assert asked["redirect_uri"] == f"{PORTAL}/session/company/back"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert {"openid"} <= set(asked["scope"].split())
    answer = come_back(browser, provider, asked)
    assert (answer.status_code, answer.location) == (303, "/queues?level=P1")
    assert browser.get("/desk").status_code == 200
    assert failures() == 0


def test_it_leads_nowhere_else(app, provider):
    for way in ("//evil.example", "https://evil.example", "/\\evil.example", "", "/" + "x" * 5000):
        client = app.test_client()
        assert come_back(client, provider, leave(client, way)).location == "/"


def test_a_refused_sign_in_still_knows_where_one_wanted_to_go(provider, browser):
    provider.claims["nonce"] = "another"
    answer = come_back(browser, provider, leave(browser, "/queues?level=P1"))
    page = browser.get(answer.location).get_data(as_text=True)
    assert REFUSED in page
    assert page.count('name="next" value="/queues?level=P1"') == 1
    assert "/session/company?next=/queues?level%3DP1" in page


def test_who_came_by_the_company_may_end_its_session_too_where_it_offers_that(provider, browser):
    stays = "company account is still signed in"
    come_back(browser, provider, leave(browser))
    assert stays not in browser.get(browser.post("/session/sign-out").location).get_data(as_text=True)
    assert urlsplit(browser.get("/session/company/leave").location).path == "/session/sign-in"
    provider.about["end_session_endpoint"] = f"{provider.issuer}/end"
    oidc.forget()
    come_back(browser, provider, leave(browser))
    assert stays in browser.get(browser.post("/session/sign-out").location).get_data(as_text=True)
    answer = browser.get("/session/company/leave")
    assert answer.location.startswith(f"{provider.issuer}/end?")
    asked = asked_of(answer.location)
    assert asked == {"client_id": CLIENT, "post_logout_redirect_uri": f"{PORTAL}/session/sign-in"}


def test_my_account_says_who_keeps_the_password(provider, browser, staff):
    provider_only = queries.person_by_login("agent")
    with transaction():
        actions.drop_password(clock.now(), queries.person(provider_only.id))
    come_back(browser, provider, leave(browser))
    page = browser.get("/session/me").get_data(as_text=True)
    assert "the portal keeps no password of yours" in page
    assert 'name="present"' not in page


BENT = {
    "another sign-in's nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another"},
    "another client's": {"aud": [CLIENT, "another"], "azp": "another"},
    "no end": {"exp": None},
    "over": {"exp": 1_000_000_000},
    "from the future": {"iat": 4_000_000_000},
    "no login": {"preferred_username": None},
    "a login that is no text": {"preferred_username": ["agent"]},
    "a login with a NUL": {"preferred_username": "agent\0"},
}


def test_a_token_that_does_not_hold_opens_nothing(provider, browser):
    let_in = []
    for name, claims in BENT.items():
        provider.claims = {"preferred_username": "agent"} | claims
        if REFUSED not in said(browser, come_back(browser, provider, leave(browser))):
            let_in.append(name)
        with transaction():
            db.session.execute(delete(SignInFailure))
    assert let_in == []
    provider.claims = {"preferred_username": "agent"}
    assert come_back(browser, provider, leave(browser)).location == "/queues"


def test_who_fails_again_and_again_from_one_address_is_held_back(provider, browser):
    provider.claims["nonce"] = "another"
    for _ in range(TRIES_PER_PAIR):
        assert REFUSED in said(browser, come_back(browser, provider, leave(browser)))
    assert failures() == TRIES_PER_PAIR
    del provider.claims["nonce"]
    assert "Too many" in said(browser, come_back(browser, provider, leave(browser)))


def test_a_token_signed_by_another_key_opens_nothing(provider, browser):
    provider.key = provider.keys[1]
    assert REFUSED in said(browser, come_back(browser, provider, leave(browser)))


def test_a_token_signed_with_a_shared_secret_opens_nothing(provider, browser):
    provider.header, provider.secret_key = {"alg": "HS256"}, provider.jwk.OctKey.import_key(SECRET * 4)
    assert REFUSED in said(browser, come_back(browser, provider, leave(browser)))


def test_an_attempt_is_good_once(provider, browser):
    asked = leave(browser)
    assert REFUSED in said(browser, come_back(browser, provider, asked, code="made-up"))
    assert "once more" in said(browser, come_back(browser, provider, asked))


def test_a_foreign_state_opens_nothing_and_asks_nobody(provider, browser):
    for state in ("", "guessed", "é"):
        assert "once more" in said(browser, come_back(browser, provider, leave(browser), state=state))
    assert (len(provider.codes), failures()) == (3, 0)


def test_a_state_of_another_browser_opens_nothing(app, provider, browser):
    asked = leave(browser)
    other = app.test_client()
    other.set_cookie("locale", "en")
    assert "once more" in said(other, come_back(other, provider, asked))


def test_an_attempt_ends_after_ten_minutes(at, provider, browser):
    asked = leave(browser)
    at(minutes=11)
    assert "once more" in said(browser, come_back(browser, provider, asked))


def test_the_code_of_another_browser_opens_nothing(app, provider, browser):
    """PKCE: a code is worth nothing without the text that only the browser which began knows."""
    stolen = provider.grant(leave(browser))
    other = app.test_client()
    other.set_cookie("locale", "en")
    asked = leave(other)
    assert REFUSED in said(other, come_back(other, provider, asked, code=stolen))


def test_people_without_an_open_account_are_refused_by_name(provider, browser, staff):
    provider.claims["preferred_username"] = "Somebody@corp <b>"
    page = said(browser, come_back(browser, provider, leave(browser)))
    assert "There is no open account here for Somebody@corp &lt;b&gt;." in page
    with transaction():
        actions.set_active(SYSTEM, clock.now(), queries.person_by_login("agent"), False)
    provider.claims["preferred_username"] = "agent"
    assert "no open account here for agent" in said(browser, come_back(browser, provider, leave(browser)))
    assert failures() == 2


def test_what_the_provider_refuses_is_said_in_words(provider, browser):
    asked = leave(browser)
    answer = browser.get("/session/company/back", query_string={"error": "access_denied<x>", "state": asked["state"]})
    page = said(browser, answer)
    assert REFUSED in page
    assert "access_denied" not in page


def test_a_provider_that_is_away_counts_for_nobody(provider, browser):
    asked = leave(browser)
    provider.broken = True
    assert "cannot be reached" in said(browser, come_back(browser, provider, asked))
    oidc.forget()
    assert "cannot be reached" in said(browser, browser.get("/session/company"))
    assert failures() == 0


def test_a_provider_that_points_elsewhere_is_not_asked(provider, browser):
    for about in (
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None}
    ):  # fmt: skip
        provider.about = about
        assert "cannot be reached" in said(browser, browser.get("/session/company"))


def test_a_given_password_ends_with_the_first_company_sign_in(provider, browser, staff):
    """An administrator's stays: it is for the day on which the company's service is away."""
    with transaction():
        for login in ("agent", "admin"):
            queries.person_by_login(login).provisional = True
    for login, where, kept in (("agent", 200, False), ("admin", 302, True)):
        provider.claims["preferred_username"] = login
        assert come_back(browser, provider, leave(browser)).status_code == 303
        assert browser.get("/desk").status_code == where
        person = queries.person_by_login(login)
        assert (person.provisional, person.password_hash == actions.NO_PASSWORD) == (kept, not kept)
    assert queries.history(staff["agent"].id)[0].kind == "PasswordDropped"


def test_a_demonstration_offers_no_company_account(provider, browser):
    with transaction():
        actions.set_fact("demo", "1")
    assert BUTTON not in browser.get("/session/sign-in").get_data(as_text=True)
    assert browser.get("/session/company").status_code == 404


def test_where_none_is_set_there_is_none(app, at, browser):
    assert BUTTON not in browser.get("/session/sign-in").get_data(as_text=True)
    for way in ("/session/company", "/session/company/back?state=x&code=y"):
        assert browser.get(way).status_code == 404


def test_a_missing_library_is_named(app, monkeypatch):
    assert company.lacking() == ""
    app.config["PORTAL"] = replace(app.config["PORTAL"], provider=Provider("https://id.example", CLIENT))
    monkeypatch.setattr(company, "find_spec", lambda name: None)
    assert "extra oidc" in company.lacking()


def test_settings_that_cannot_work_are_named(tmp_path):
    env = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "portal"}
    assert provider_of({}) is None
    assert provider_of(env | {"OIDC_LOGIN_CLAIM": "upn"}) == Provider("https://id.example", "portal", "", "upn")
    (tmp_path / "secret").write_text("s3cret\n")
    assert provider_of(env | {"OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret")}).secret == "s3cret"
    for bad in (
        {"OIDC_ISSUER": "http://id.example"}, {"OIDC_CLIENT_ID": ""}, {"OIDC_CLIENT_SECRET_FILE": "/nowhere"}
    ):  # fmt: skip
        with pytest.raises(BadSetting, match=next(iter(bad))):
            provider_of(env | bad)
