"""The pages of queues: the page itself, the check for changes, further rows, claiming the next case."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from portal import shell
from portal.cases import queries
from portal.cases.rules import LEVELS
from portal.collaboration import actions as together
from portal.desk import body as bodies
from portal.desk import bulk, frame, picks, presence, reading, steps
from portal.desk.caches import departments, settled, vocabulary
from portal.desk.segments import segments
from portal.desk.views import PAGE, View, claimable, cursor, view_for
from portal.identity import actions as people
from portal.identity import session
from portal.identity.policy import allow, may, scope
from portal.kernel import clock, feed, i18n
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.kernel.web import is_htmx

bp = Blueprint("desk", __name__)
OPEN_STATES = ("registered", "to_accept", "in_work", "waiting", "result_in_hand", "told", "planned")


def _now() -> int:
    return clock.millis() // 1000


def asked(code: str) -> View:
    """The page this request asks for, remembered while nothing about people and units changes."""
    actor, said = session.current_actor(), request.query_string
    if len(said) > 300:
        return view_for(actor, code, request.args)
    version = feed.version(people.TOPIC)
    found: View = settled((actor.id, code, said), version, lambda: view_for(actor, code, request.args))
    return found


@bp.get("/queues")
def queues() -> Any:
    """The departments with their figures; somebody of one department is led straight to its queue."""
    actor, now = session.current_actor(), _now()
    allow(actor, "queue.view")
    mine = scope(actor, "queue.view")
    shown = [u for u in departments() if mine is None or u.id in mine]
    if len(shown) == 1 and mine is not None:
        return redirect(f"/queues/{shown[0].code}")
    views = [View(u.code, u, actor) for u in shown]
    names = [u.called(i18n.locale()) for u in shown]
    if mine is None:
        views.insert(0, View("all", None, actor))
        names.insert(0, _("All departments"))
    rows = [
        (f"/queues/{view.code}", name, bodies.counts_of(view, bodies.tag_of(view, now), now)._asdict())
        for view, name in zip(views, names, strict=True)
    ]
    return render_template("desk/queues.html", rows=rows, counted=shell.COUNTED)


@bp.get("/queues/mine", endpoint="mine", defaults={"code": "mine"})
@bp.get("/queues/following", endpoint="following", defaults={"code": "following"})
@bp.get("/queues/judging", endpoint="judging", defaults={"code": "judging"})
@bp.get("/queues/<code>", endpoint="queue")
def page(code: str) -> bytes:
    """A queue: its rows from memory where nothing changed, its filters, its feed."""
    view, now = asked(code), _now()
    tag = bodies.tag_of(view, now)
    body = bodies.body_of(view, tag, now)
    counts = bodies.counts_of(view, tag, now)
    return frame.drawn(
        view.actor, (body.tag, body.holds, counts), lambda inside: _drawn(view, body, counts, inside), body.html
    )


def _drawn(view: View, body: bodies.Body, counts: reading.Counts, inside: str) -> str:
    locale = i18n.locale()
    words = vocabulary(locale)
    return render_template(
        "desk/queue.html", view=view, title=title_of(view, locale), facts=_facts(view), body=inside,
        tag=steps.shown(body, counts), segments=segments(view, counts), may_claim=_may_claim(view),
        acts=tuple(bulk.possible(view.actor)),
        levels=[(level, level) for level in LEVELS], states=[(s, words.states[s]) for s in OPEN_STATES],
        further=picks.choices(view.actor, view.picks), of_lists=picks.version(),
    )  # fmt: skip


def title_of(view: View, locale: str) -> str:
    """The heading of a queue."""
    if view.unit:
        return view.unit.called(locale)
    names = {"mine": _("My cases"), "following": _("Following"), "judging": _("To be judged")}
    return names.get(view.code) or _("All departments")


def _facts(view: View) -> str:
    if view.code == "judging":
        return _("Requests without a level, from all departments. Open one and set its level.")
    if view.code == "mine":
        return _("Cases you are accountable for, and results you have to tell or to confirm.")
    if view.code == "following":
        return _("Open cases you follow. Follow a case on its page; nobody else sees this list.")
    return _("Open cases, most pressing first. The page keeps itself up to date.")


def _may_claim(view: View) -> bool:
    return view.code not in ("mine", "following", "judging") and may(view.actor, "case.claim", view)


@bp.get("/queues/<code>/changes")
def changes(code: str) -> Response:
    """Whether the page changed: 204 at no cost, else the changed rows, else the whole body."""
    view, now = asked(code), _now()
    seen, tag = request.environ.get("HTTP_HX_PTAG", ""), bodies.tag_of(view, now)
    here = presence.mark(now, view.unit.id if view.unit else None)
    if seen.startswith(str(tag)):
        return presence.told(Response(status=204), here)  # the screen keeps the tag it has
    found = steps.step(view, seen, tag, now)
    answer = Response(found.html, content_type="text/html; charset=utf-8")
    answer.headers.add("HX-PTag", found.tag)
    return presence.told(answer, here)


@bp.get("/queues/<code>/rows")
def rows(code: str) -> Response:
    """The fifty rows after a cursor (press, id), to stand under those already shown."""
    view, now = asked(code), _now()
    found = reading.page(view, now, PAGE + 1)
    drawn, _holds = bodies.drawn_rows(view, found[:PAGE], i18n.locale(), now)
    last = (found[PAGE - 1].press, found[PAGE - 1].id) if len(found) > PAGE else None
    whole = replace(view, after=cursor(request.args.get("start", "")))
    html = render_template(
        "desk/_appended.html", view=whole, rows=Markup(b"".join(drawn.values()).decode()), last=last, tag=""
    )
    return make_response(html)


@bp.post("/queues/claim/<no>")
def claim(no: str) -> Any:
    """Takes one case from its row; the screen then looks for what changed."""
    actor, now = session.current_actor(), clock.now()
    with transaction():
        together.claim(actor, now, queries.case_to_change(actor, no))
    if not is_htmx():
        return redirect(f"/cases/{no}?done=claim", 303)
    return Response(render_template("desk/_took.html", no=no, took="claim"), headers={"HX-Trigger": "portal:wake"})


@bp.post("/queues/<code>/claim-next")
def claim_next(code: str) -> Any:
    """Takes the nearest case of the selection shown that nobody holds and opens it; two at once never get the same."""
    actor, now = session.current_actor(), clock.now()
    view = claimable(view_for(actor, code, request.args))
    with transaction():
        number = reading.first_unclaimed(view, int(now.timestamp()))
        if number is None:
            raise Refused("nothing_to_claim_shown" if view.address else "nothing_to_claim")
        together.claim(actor, now, queries.case_to_change(actor, number))
    taken = f"/cases/{number}?done=claim"
    return Response(headers={"HX-Redirect": taken}) if is_htmx() else redirect(taken, 303)
