"""Signing in with the company account: out to its identity provider, and back with proof of who one is."""

import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, session, url_for

from portal.identity import actions, oidc, queries, rules
from portal.identity.company import given_password_ends, provider
from portal.identity.entering import safe_way
from portal.identity.models import Person
from portal.identity.session import CAME
from portal.kernel import clock
from portal.kernel.company import Provider
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Missing
from portal.kernel.i18n import sentence

KEPT = "company"  # the attempt, in this browser's signed cookie
LONGEST = 600  # seconds from the way out to the way back
LONGEST_WAY = 1_000  # characters of an address that still fit into the cookie


def register(bp: Blueprint, let_in: Callable[[Person, str], Any]) -> None:
    """Adds the two addresses to the room's URLs; `let_in` opens the session and leads on."""

    def back() -> Any:
        """Back from the provider: the session opens, or the sign-in page says why not and still knows the way."""
        offered, attempt = _offered(), _attempt()
        way = attempt.way if attempt else "/"
        try:
            person = _proven(offered, attempt)
        except Forbidden as refused:
            flash(sentence(refused), "late")
            return redirect(url_for("identity.sign_in", next=None if way == "/" else way), 303)
        session[CAME] = _ends_there(offered)
        return let_in(person, way)

    bp.add_url_rule("/session/company", "company_out", out)
    bp.add_url_rule("/session/company/leave", "company_leave", leave)
    bp.add_url_rule("/session/company/back", "company_back", back)


def out() -> Any:
    """Sends the browser to the company's identity provider; the attempt is kept in its cookie alone."""
    offered, way = _offered(), safe_way(request.args.get("next"))
    attempt = oidc.begun(int(clock.now().timestamp()), way if len(way) <= LONGEST_WAY else "/")
    try:
        there = oidc.address(offered, attempt, _address("identity.company_back"))
    except oidc.NotProven as failed:
        current_app.logger.warning("company sign-in: %s", failed)
        flash(sentence(Forbidden("company_away")), "late")
        return redirect(url_for("identity.sign_in", next=attempt.way), 303)
    session[KEPT] = json.dumps(asdict(attempt))
    return redirect(there, 303)


def leave() -> Any:
    """Sends the browser to the provider to end its session there too; the portal's has ended before."""
    try:
        there = oidc.leaving(_offered(), _address("identity.sign_in"))
    except oidc.NotProven as failed:
        current_app.logger.warning("company sign-out: %s", failed)
        there = ""
    if not there:
        flash(sentence(Forbidden("company_stays")), "late")
    return redirect(there or url_for("identity.sign_in"), 303)


def _ends_there(offered: Provider) -> bool:
    """Whether the provider offers to end its own session."""
    try:
        return bool(oidc.leaving(offered, ""))
    except oidc.NotProven:
        return False


def _proven(offered: Provider, attempt: oidc.Attempt | None) -> Person:
    """Who has proven to be whom. Raises Forbidden; an attempt is good once."""
    now = clock.now()
    seconds = int(now.timestamp())
    fits = attempt is not None and hmac.compare_digest(attempt.state.encode(), request.args.get("state", "").encode())
    if attempt is None or not fits or seconds - attempt.at > LONGEST:
        raise Forbidden("company_again")
    source = request.remote_addr or ""
    if rules.held_back(*queries.failures("", source, now)):
        raise Forbidden("held_back")
    try:
        person = _named(offered, attempt, seconds)
    except Forbidden as refused:
        if refused.code != "company_away":
            with transaction():
                actions.note_failure(refused.facts.get("login", "").lower(), source, now)
        raise
    given_password_ends(person, now)
    return person


def _named(offered: Provider, attempt: oidc.Attempt, now: int) -> Person:
    """The open account whose login the provider vouches for; `now` in epoch seconds. Raises Forbidden."""
    try:
        if "error" in request.args or not request.args.get("code"):
            raise oidc.NotProven(f"the provider refused: {request.args.get('error', '')[:60]!r}")
        login = oidc.login(offered, attempt, request.args["code"], _address("identity.company_back"), now)
    except oidc.NotProven as failed:
        current_app.logger.warning("company sign-in: %s", failed)
        raise Forbidden("company_away" if failed.away else "company_refused") from failed
    person = queries.person_by_login(login)
    if person is None or not person.active:
        raise Forbidden("company_unknown", login=login[:60])
    return person


def _attempt() -> oidc.Attempt | None:
    """The attempt this browser began, taken out of its cookie."""
    kept = session.pop(KEPT, None)
    return oidc.Attempt(**json.loads(kept)) if kept else None


def _offered() -> Provider:
    """The identity provider of this installation. Raises Missing where none is set, and in demonstrations."""
    found = provider()
    if found is None:
        raise Missing("not_found")
    return found


def _address(endpoint: str) -> str:
    """The portal's own address to which the provider sends the browser back; never taken from the request."""
    return f"{current_app.config['PORTAL'].url}{url_for(endpoint)}"
