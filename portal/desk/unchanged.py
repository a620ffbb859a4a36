"""A queue's check that finds nothing new, answered below Flask from what this process holds in memory.

Nothing is remembered here: session, rights, page, versions and bell are those that the ordinary way keeps, each asked
whether it still stands. Where one is missing or may be old the request goes the ordinary way, which looks again.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask

from portal import shell
from portal.desk import body, presence
from portal.desk.caches import settled_already
from portal.desk.views import View
from portal.identity import actions as people
from portal.identity import session
from portal.kernel import clock, feed, i18n, web

BEGIN, END = "/queues/", "/changes"


class Unchanged:
    """Outside all other layers: one look at the request, then 204 or the ordinary way."""

    def __init__(self, app: Flask, inner: Callable[..., Any]) -> None:
        self.app, self.inner = app, inner
        self.cookie = app.config["SESSION_COOKIE_NAME"]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Answers an unchanged check; passes everything else on."""
        path, seen = environ["PATH_INFO"], environ.get("HTTP_HX_PTAG")
        if seen and path.startswith(BEGIN) and path.endswith(END) and environ["REQUEST_METHOD"] == "GET":
            headers = self.standing(environ, path[len(BEGIN) : -len(END)], seen)
            if headers is not None:
                start("204 NO CONTENT", headers)
                return []
        return self.inner(environ, start)

    def standing(self, environ: dict[str, Any], code: str, seen: str) -> list[tuple[str, str]] | None:
        """The answer's headers if the screen shows what stands; None where only the ordinary way can tell."""
        here = self.who(environ)
        watch, now = self.app.extensions["presence"], clock.millis() // 1000
        if here is None or not presence.fresh(watch, now):
            return None
        asked = (here.actor.id, code, environ.get("QUERY_STRING", "").encode("latin-1"))
        view: View | None = settled_already(self.app.extensions["desk"], asked, feed.held(people.TOPIC))
        if view is None or not seen.startswith(str(body.standing(view, now, _locale(here, environ)))):
            return None
        bell, mark = shell.bell_known(here.topic), presence.mark_in(watch, view.unit.id if view.unit else None)
        alarm = shell.alarm_known()
        if bell is None or alarm is None:
            return None
        more = [(name, value) for name, value in (("X-Here", mark), ("X-Alarm", alarm)) if value and value != "0"]
        return web.bare([("X-Bell", bell), *more])

    def who(self, environ: dict[str, Any]) -> session.SignedIn | None:
        """Who asks, by a session that lives and may come in; a browser that has just written is looked at anew."""
        cookies = environ.get("HTTP_COOKIE", "")
        if not feed.awake() or "wrote=1" in cookies:
            return None
        token = self.app.session_interface.token_in(cookies, self.cookie)  # type: ignore[attr-defined]
        here = session.remembered(token) if token else None
        return None if here is None or here.actor.provisional else here


def _locale(here: session.SignedIn, environ: dict[str, Any]) -> str:
    if here.actor.locale:
        return here.actor.locale
    cookies = web.cookies_of(environ.get("HTTP_COOKIE", ""))
    return i18n.of_browser(cookies.get("locale"), environ.get("HTTP_ACCEPT_LANGUAGE", ""))
