"""URLs of wall screens: opened by a token of their own, without signing in, read-only and without customer data."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _

from portal import shell
from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.incidents import board, screen_actions, screen_queries
from portal.incidents.screen_actions import NOBODY
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale, sentence

bp = Blueprint("screens", __name__)
KEPT = "wall"  # where the browser's sealed cookie holds the token, so that it does not stay in the address


@bp.get("/incidents/screens")
def index() -> Any:
    """The screens, and the form of a new one."""
    allow(current_actor(), "screen.manage")
    return page()


def page(status: int = 200, error: str = "", made: str = "") -> Any:
    """The screens; `made` is a new one's address, shown this once."""
    return render_template(
        "incidents/screens.html", rows=screen_queries.screens(), names=people.names(), error=error, made=made
    ), status


@bp.post("/incidents/screens")
def add() -> Any:
    """A new screen; its address is shown once."""
    actor, now = current_actor(), clock.now()
    allow(actor, "screen.manage")
    try:
        with transaction():
            secret = screen_actions.add(actor, now, name=request.form.get("name", ""))
    except Invalid as refused:
        return page(422, sentence(refused))
    return page(made=current_app.config["PORTAL"].url + url_for("screens.enter", secret=secret))


@bp.post("/incidents/screens/<int:number>/revoke")
def revoke(number: int) -> Any:
    """The screen opens nothing any more."""
    actor, now = current_actor(), clock.now()
    allow(actor, "screen.manage")
    with transaction():
        screen_actions.revoke(actor, now, number=number)
    flash(_("The screen opens nothing any more."), "ok")
    return redirect(url_for("screens.index"), 303)


@bp.get("/wall/<secret>")
def enter(secret: str) -> Any:
    """A screen is opened by its address once; from then on its browser holds the token."""
    if not screen_queries.opens(secret):
        return closed()
    session[KEPT] = secret
    session.permanent = True
    return redirect(url_for("screens.wall"), 303)


def closed() -> Any:
    """A screen without a token that opens."""
    session.pop(KEPT, None)
    return render_template("incidents/wall_closed.html", theme="dark"), 403


@bp.get("/wall")
def wall() -> Any:
    """The wall screen of whatever incident runs."""
    return shown("incidents/wall.html", "incidents/wall_idle.html")


def shown(template: str, idle: str) -> Any:
    """The running incident or, while none runs, a quiet page; with the tag of what it shows."""
    if not screen_queries.opens(session.get(KEPT, "")):
        return closed()
    found, tag = screen_queries.shown(), tag_now()
    now = clock.now()
    facts: dict[str, Any] = {
        "incident": found,
        "tag": tag,
        "now_at": now,
        "theme": "dark",
        "feed_url": url_for(".changes"),
    }
    if found is not None:
        facts |= {"board": board.of(NOBODY, found, now), "drill": found.exercise}
    answer = make_response(render_template(template if found else idle, **facts))
    answer.headers["HX-PTag"] = tag
    return answer


def tag_now() -> str:
    """What a screen has seen: store, all incidents and the one that runs, language, deadline watch."""
    found = screen_queries.shown()
    one = f"{found.id}.{version(f'incident:{found.id}')}" if found else "0.0"
    return f"{feed.epoch}.{version('incidents')}.{one}.{locale()}.{shell.watch()[0]}"


@bp.get("/wall/changes")
def changes() -> Any:
    """Has the picture changed? 204, or the live parts anew; another incident or none loads the page anew."""
    if not screen_queries.opens(session.get(KEPT, "")):
        return Response("", 200, {"HX-Redirect": url_for(".wall")})
    seen, tag = request.headers.get("HX-PTag", ""), tag_now()
    if seen == tag:
        answer = make_response("", 204)
        answer.headers["HX-PTag"] = tag
        return answer
    before, after = seen.split("."), tag.split(".")
    if len(before) != len(after) or before[-4] != after[-4]:
        return Response("", 200, {"HX-Redirect": url_for(".wall")})
    return shown("incidents/_wall_changes.html", "incidents/wall_idle.html")
