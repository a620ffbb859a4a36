"""A queue's check answered below Flask from what this process holds in memory: nothing new, or a step drawn before.

Nothing is remembered here: session, rights, page, versions, bell and drawn pieces are those that the ordinary way
keeps, each asked whether it still stands. Where one is missing or may be old the request goes the ordinary way.
The web server asks here first, in the loop that waits for its sockets (`jobs/webworker.py`): no line of this may wait.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask

from portal import shell
from portal.desk import body, presence, steps
from portal.desk.caches import Caches, already
from portal.desk.views import View
from portal.identity import actions as people
from portal.identity import session
from portal.kernel import clock, feed, i18n, web

BEGIN, END = "/queues/", "/changes"


class Answer(NamedTuple):
    """A whole answer: status, headers, body."""

    status: str
    headers: list[tuple[str, str]]
    content: bytes = b""


class Checks:
    """Outside all other layers: one look at the request, then an answer from memory or the ordinary way."""

    begin = f"GET {BEGIN}".encode()

    def __init__(self, app: Flask, inner: Callable[..., Any]) -> None:
        self.app, self.inner = app, inner
        self.cookie = app.config["SESSION_COOKIE_NAME"]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Answers what memory can; passes everything else on."""
        found = self.at_once(environ) if environ["REQUEST_METHOD"] == "GET" else None
        if found is None:
            return self.inner(environ, start)
        start(found.status, found.headers)
        return [found.content] if found.content else []

    def at_once(self, environ: dict[str, Any]) -> Answer | None:
        """The answer to a GET with this address and these headers, if memory holds all of it; else None."""
        path, seen = environ["PATH_INFO"], environ.get("HTTP_HX_PTAG")
        if not (seen and path.startswith(BEGIN) and path.endswith(END)):
            return None
        return self.standing(environ, path[len(BEGIN) : -len(END)], seen)

    def standing(self, environ: dict[str, Any], code: str, seen: str) -> Answer | None:
        """What a screen that shows `seen` is to hear; None where only the ordinary way can tell."""
        here = self.who(environ)
        watch, now = self.app.extensions["presence"], clock.millis() // 1000
        if here is None or not presence.fresh(watch, now):
            return None
        store: Caches = self.app.extensions["desk"]
        asked = (here.actor.id, code, environ.get("QUERY_STRING", "").encode("latin-1"))
        view: View | None = already(store.facts, asked, feed.held(people.TOPIC))
        bell, alarm = shell.bell_known(here.topic), shell.alarm_known()
        if view is None or bell is None or alarm is None:
            return None
        mark = presence.mark_in(watch, view.unit.id if view.unit else None)
        more = [(name, value) for name, value in (("X-Here", mark), ("X-Alarm", alarm)) if value and value != "0"]
        tag = body.standing(view, now, _locale(here, environ))
        told = [("X-Bell", bell), *more]
        if seen.startswith(str(tag)):
            return Answer("204 NO CONTENT", web.bare(told))
        step = steps.known(store, view, seen, tag, now)
        return step and Answer("200 OK", web.piece([("HX-PTag", step.tag), *told], step.html), step.html)

    def who(self, environ: dict[str, Any]) -> session.SignedIn | None:
        """Who asks, by a session that lives and may come in; a browser that has just written is looked at anew."""
        cookies = environ.get("HTTP_COOKIE", "")
        if not feed.awake() or "wrote=1" in cookies:
            return None
        token = self.app.session_interface.token_in(cookies, self.cookie)  # type: ignore[attr-defined]
        here = session.remembered(token) if token else None
        return None if here is None or here.actor.provisional or here.actor.factor == "owed" else here


def _locale(here: session.SignedIn, environ: dict[str, Any]) -> str:
    if here.actor.locale:
        return here.actor.locale
    cookies = web.cookies_of(environ.get("HTTP_COOKIE", ""))
    return i18n.of_browser(cookies.get("locale"), environ.get("HTTP_ACCEPT_LANGUAGE", ""))
