"""Every address of the portal: nobody in without signing in, no write without a token, no GET that writes."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

from flask import Flask
from sqlalchemy import text

from portal.factory import OPEN_TO_ALL
from portal.identity import session as sessions
from portal.kernel.db import db
from tests.conftest import HTMX
from tests.house.walk import SLOW, UNSAFE, World, make_world, ways

# other systems: a bearer token instead of a session
TOKENS = {"api.take_request", "api.take_voicemail", "api.take_calls", "api.figures"}
SCREENS = {"screens.enter", "screens.wall", "screens.changes"}  # a wall screen: a token of its own, no customer data
# open doors lead only to these: signing in, health, the page's own files, language and colours
OPEN = {
    "static", "identity.sign_in", "identity.enter", "identity.relogin", "identity.ask_code", "identity.give_code",
    "identity.token", "identity.setup",
    "identity.found", "identity.locale_", "identity.theme", "identity.demo", "health.web", "health.worker",
    "identity.company_out", "identity.company_back", "identity.company_leave",
    *TOKENS, *SCREENS,
}  # fmt: skip
MAY_GROW = {"archive_access"}  # AR4: a look at the archive is written down before anything is shown


def test_the_open_doors_are_few_and_known():
    assert OPEN_TO_ALL == OPEN


def test_nobody_gets_in_without_signing_in(app, world):
    visitor, wrong = app.test_client(), []
    for rule, method, url in ways(app, world, UNSAFE | {"GET"}, thin=True):
        if rule.endpoint in OPEN:
            continue
        plain, part = visitor.open(url, method=method), visitor.open(url, method=method, headers=HTMX)
        led = plain.status_code == 302 and plain.location.startswith("/session/sign-in?next=")
        if not (led if method == "GET" else plain.status_code == 401) or part.status_code != 401:
            wrong.append((method, url, plain.status_code, part.status_code))
        for answer in (plain, part):
            if world.new in answer.get_data(as_text=True).replace(url, ""):
                wrong.append((method, url, "tells"))
    assert wrong == []


def test_other_systems_get_in_by_a_token_alone(app, world, staff, signed_in):
    clients = (app.test_client(), signed_in(staff["admin"]))
    before, wrong = fingerprints(), []
    for client in clients:
        for rule, method, url in ways(app, world, UNSAFE, thin=True):
            if rule.endpoint in TOKENS and client.open(url, method=method).status_code != 401:
                wrong.append(url)
    assert wrong == []
    assert fingerprints() == before


def test_an_unknown_address_tells_a_visitor_nothing(app):
    answer = app.test_client().get("/no/such/address")
    assert (answer.status_code, answer.location) == (302, "/session/sign-in?next=/no/such/address")


def test_every_unsafe_route_refuses_a_missing_or_foreign_token(app, world, staff, signed_in):
    app.config["WTF_CSRF_ENABLED"] = True
    client, wrong = signed_in(staff["supervisor"]), []
    before = fingerprints()
    for rule, method, url in ways(app, world, UNSAFE, thin=True):
        if rule.endpoint in TOKENS:
            continue
        for headers in ({}, HTMX, {"X-CSRFToken": "IjAwMDAi.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"}):
            answer = client.open(url, method=method, headers=headers)
            if answer.status_code != 400 or answer.headers.get("X-CSRF-Failed") != "1":
                wrong.append((method, url, answer.status_code))
    assert wrong == []
    assert fingerprints() == before


def test_only_gets_are_safe(app):
    """A route that changes something must not hide behind a safe method."""
    assert {m for r in app.url_map.iter_rules() for m in r.methods or ()} <= {"GET", "HEAD", "OPTIONS", "POST"}


ROLES = ("supervisor", "handler", "auditor", "admin")


def test_a_get_writes_nothing_and_never_fails(app, world, staff, signed_in):
    people = {role: signed_in(staff[role]) for role in ROLES}
    before, wrong = fingerprints(), []
    with commits_seen() as moved:
        moved()
        for role, (rule, _, url), headers in product(
            people, ways(app, world, frozenset(("GET",)), thin=True), ({}, HTMX)
        ):
            if rule.endpoint in SLOW or rule.endpoint == "static" or (headers and role != "supervisor"):
                continue
            answer = people[role].get(url, headers=headers)
            if answer.status_code >= 500 and not rule.endpoint.startswith("health."):
                wrong.append((role, url, answer.status_code))
            if moved():
                after = fingerprints()
                if not {name for name in after if after[name] != before[name]} <= MAY_GROW:
                    wrong.append((role, url))
                before = after
    assert wrong == []


def test_reading_the_archive_is_what_the_log_grows_by(app, at, world, staff, signed_in):
    client = signed_in(staff["auditor"])
    before = fingerprints()
    client.get(f"/archive/{world.closed}")
    assert {name for name, now in fingerprints().items() if now != before[name]} == {"archive_access"}


def test_a_session_is_kept_alive_by_input_alone(app, at, world, staff, signed_in):
    client = signed_in(staff["agent"])
    before = fingerprints()
    sessions.forget_all()
    at(minutes=6)
    client.get("/queues", headers={"HX-PTag": "x"})
    assert fingerprints() == before
    client.get("/queues")
    assert {name for name, now in fingerprints().items() if now != before[name]} == {"session"}


def fingerprints() -> dict[str, str]:
    """For each table a digest of all its rows."""
    found = {}
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            rows = connection.execute(text(f'SELECT * FROM "{table.name}"')).fetchall()
            found[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    return found


@contextmanager
def commits_seen() -> Iterator[object]:
    """Yields a question: has anybody committed since it was last asked?"""
    raw = db.engine.raw_connection()
    seen = [raw.cursor().execute("PRAGMA data_version").fetchone()[0]]

    def moved() -> bool:
        now = raw.cursor().execute("PRAGMA data_version").fetchone()[0]
        changed = now != seen[0]
        seen[0] = now
        return changed

    try:
        yield moved
    finally:
        raw.close()


def test_the_walk_meets_every_route(app: Flask, world: World):
    met = {rule.endpoint for rule, _, _ in ways(app, world, UNSAFE | {"GET"})}
    assert met == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_a_write_behind_a_get_would_be_seen(app, world, staff):
    with commits_seen() as moved:
        before = fingerprints()
        assert not moved()
        make_world(staff)
        assert moved()
        assert fingerprints()["cases"] != before["cases"]
