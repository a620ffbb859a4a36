"""My day: what this person does next, what was told to them, how their departments stand. And the notices."""

from typing import Any, NamedTuple

from flask import jsonify, redirect, render_template, request, url_for
from sqlalchemy import select

from portal import shell
from portal.cases import answers
from portal.cases.models import Case
from portal.cases.telling import standing
from portal.clocks.calendar_changes import Gap
from portal.clocks.calendar_queries import open_gaps
from portal.desk import agenda, forgotten, today
from portal.desk import body as bodies
from portal.desk.caches import departments, vocabulary
from portal.desk.queue_pages import bp
from portal.desk.views import View
from portal.identity import absences, actions, session
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may, scope
from portal.kernel import clock, i18n
from portal.kernel.db import db, transaction
from portal.notices import tell

NEWS = 6
PLACES = {
    "finding": "/archive/audit/findings", "disposal": "/archive/retention/disposals",
    "announcement": "/announcements", "handover": "/handover", "task": "/tasks", "corporate": "/corporate",
    "project": "/projects", "paper": "/reports/papers",
}  # fmt: skip


class Subject(NamedTuple):
    """What a notice is about: its address, and how it stands now (a case's state, else nothing)."""

    url: str
    state: str = ""


@bp.get("/")
def front() -> Any:
    """The front door leads to the desk."""
    return redirect(url_for("desk.home"))


@bp.get("/desk")
def home() -> str:
    """The person's day: next steps by the nearest clock, notices, departments."""
    actor, now = session.current_actor(), clock.millis() // 1000
    allow(actor, "notice.read")
    works = may(actor, "queue.view")
    news, around = tell.newest(actor.id, NEWS), absences.around(actor.id, clock.now())
    steps, (stale, stales) = agenda.steps(actor, now), forgotten.stale(actor, now)
    return render_template(
        "desk/home.html", steps=steps, total=agenda.total(actor, now, steps), works=works, news=news,
        subjects=subjects(news), asked=answers.asked(news), levels=vocabulary(i18n.locale()).levels,
        queues=_queues(actor, now) if works else [], counted=shell.COUNTED,
        unjudged=_unjudged(actor, now), today=i18n.local(now), stale=stale, stales=stales,
        sees_all=works and scope(actor, "queue.view") is None, gaps=_gaps(actor), around=around,
        today_items=today.items(actor, clock.now()), names=people.names() if around else {},
    )  # fmt: skip


def _queues(actor: Actor, now: int) -> list[tuple[str, str, dict[str, int]]]:
    """(address, name, counts) of each department the person may see."""
    mine, found = scope(actor, "queue.view"), []
    for unit in departments():
        if mine is None or unit.id in mine:
            view = View(unit.code, unit, actor)
            counts = bodies.counts_of(view, bodies.tag_of(view, now), now)
            found.append((f"/queues/{unit.code}", unit.called(i18n.locale()), counts._asdict()))
    return found


def _unjudged(actor: Actor, now: int) -> int:
    """How many requests wait for a level, for those who set it."""
    if not may(actor, "case.judge"):
        return 0
    view = View("judging", None, actor)
    return int(bodies.counts_of(view, bodies.tag_of(view, now), now).all)


def _gaps(actor: Actor) -> list[Gap]:
    """Years whose holidays are not loaded, for those who load them (SL3)."""
    return open_gaps(clock.now()) if may(actor, "calendar.edit") else []


NUMBERED = {"incident": "incidents", "order": "orders", "plan": "plans"}


def subjects(news: list[Any]) -> dict[str, Subject]:
    """The subjects of notices by the notice's subject: where they are and how they stand."""
    wanted = {n.subject: n.subject.partition(":") for n in news}
    ids = [int(rest) for family, _, rest in wanted.values() if family == "case" and rest.isdigit()]
    query = select(Case.id, Case.no, Case.state, Case.paused, Case.confirmed_at).where(Case.id.in_(ids))
    rows = db.session.execute(query).all() if ids else ()
    cases = {row[0]: Subject(f"/cases/{row[1]}", standing(row)) for row in rows}
    found = {}
    for notice in news:
        family, _, rest = wanted[notice.subject]
        if family == "case" and rest.isdigit() and int(rest) in cases:
            found[notice.subject] = cases[int(rest)]
        elif family == "list":
            found[notice.subject] = Subject(f"/queues/{rest}".rstrip("/"))
        elif family in PLACES and rest.isdigit():
            found[notice.subject] = Subject(f"{PLACES[family]}/{rest}")
        elif family == "absence":
            found[notice.subject] = Subject(url_for("absences.index"))
        elif family in NUMBERED and notice.facts.get("no"):
            found[notice.subject] = Subject(f"/{NUMBERED[family]}/{notice.facts['no']}")
    return found


@bp.get("/notices")
def notices() -> str:
    """What this person was told, newest first."""
    actor = session.current_actor()
    allow(actor, "notice.read")
    news = tell.newest(actor.id, 100)
    return render_template("desk/notices.html", news=news, subjects=subjects(news), asked=answers.asked(news))


@bp.post("/notices")
def read_notices() -> Any:
    """Marks all notices as read."""
    actor, now = session.current_actor(), clock.now()
    allow(actor, "notice.read")
    with transaction():
        tell.mark_read(actor.id, now)
    return redirect(url_for("desk.notices"), 303)


@bp.post("/notices/<int:notice_id>/acknowledge")
def acknowledge(notice_id: int) -> Any:
    """Acknowledges a step of the ladder, so that it is not passed on."""
    actor, now = session.current_actor(), clock.now()
    allow(actor, "notice.read")
    with transaction():
        answers.acknowledge(actor, now, notice_id)
    return redirect(url_for("desk.home" if request.form.get("from") == "desk" else "desk.notices"), 303)


@bp.post("/clock/right")
def confirm_clock() -> Any:
    """The administrator says that the machine's clock is right; the warning on every page ends."""
    actor, now = session.current_actor(), clock.now()
    with transaction():
        actions.confirm_clock(actor, now)
    return redirect(url_for("desk.home"), 303)


@bp.get("/clock", endpoint="clock")
def time_of_day() -> tuple[str, int]:
    """Nothing but the server's time in the header X-Now."""
    return "", 204


@bp.get("/counts")
def counts() -> Any:
    """The figures of the navigation, which pages ask for twice a minute; from memory while nothing moves."""
    session.current_actor()
    return jsonify(shell.counted())
