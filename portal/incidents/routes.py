"""URLs of incident command: list, report, board, wall, and one address for each deed."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal import shell
from portal.cases.submissions import made_by
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.incidents import (
    board,
    drill_board,
    drill_pages,
    drill_queries,
    force_majeure_pages,
    kept,
    plan_pages,
    plans,
    queries,
    replay_pages,
    reporting,
    review_board,
    rules,
    screen_pages,
    shared_view,
    status_pages,
)
from portal.incidents.deeds import DEEDS, Deed
from portal.incidents.forms import ReportForm
from portal.incidents.models import Incident
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Forbidden, Invalid, Missing, Refused, Stale
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale, sentence, term
from portal.kernel.web import is_htmx

bp = Blueprint("incidents", __name__, url_prefix="/incidents")
BLUEPRINTS = (
    bp, force_majeure_pages.bp, drill_pages.bp, screen_pages.bp, replay_pages.bp, status_pages.bp, plan_pages.bp,
)  # fmt: skip
SCREENS = {"board": "incidents/_changes.html", "wall": "incidents/_wall_changes.html"}


@bp.get("")
def index() -> Any:
    """Incidents: running, reported, ended."""
    actor = current_actor()
    allow(actor, "incident.view")
    plan = plans.latest()
    return render_template(
        "incidents/index.html", running=queries.incidents("active"), reported=queries.incidents("reported"),
        ended=queries.incidents("ended", 50), kinds={c: n.word(locale()) for c, n in plan.classes.items()},
        grades={c: n.word(locale()) for c, n in plan.grades.items()}, now=clock.now(),
        overdue=drill_queries.overdue(clock.now()),
    )  # fmt: skip


def report_form(actor: Actor) -> ReportForm:
    """The report form with its lists; the exercise box only for those who may declare."""
    form = ReportForm()
    form.offer(
        kind=[("", _("Proposed from the words"))] + [(c, n.word(locale())) for c, n in plans.latest().classes.items()]
    )
    if not may(actor, "incident.declare"):
        del form.exercise
    reporting.offer_cases(actor, form)
    reporting.explain(actor, form)
    if not form.is_submitted():
        form.occurred.data, form.key.data = clock.now(), uuid4().hex
        form.kind.data = request.args.get("kind", "")
    return form


def report_page(form: ReportForm, status: int = 200, error: str = "") -> Response:
    """The report page, or only its form for the page's script."""
    part = "incidents/_report.html" if is_htmx() else "incidents/report.html"
    return make_response(render_template(part, form=form, error=error), status)


@bp.get("/report")
def report() -> Any:
    """The form with which anyone reports an emergency (EM1)."""
    actor = current_actor()
    allow(actor, "incident.report")
    return report_page(report_form(actor))


@bp.post("/report")
def send_report() -> Any:
    """Takes a report; the same form sent twice makes one incident."""
    actor, now = current_actor(), clock.now()
    allow(actor, "incident.report")
    form = report_form(actor)
    if not form.validate_on_submit():
        return report_page(form, 422)
    key = f"incident:{form.key.data}"[:64] if form.key.data else ""
    try:
        with transaction():
            made = queries.incident_by_id(made_by(key)) or reporting.new_report(actor, now, form, key)
            no = made.no
    except Invalid as refused:
        return refused_form(form, refused, report_page)
    except Stale:  # the same form came twice at once: the other one has made it
        known = queries.incident_by_id(made_by(key))
        if known is None:
            raise
        no = known.no
    flash(_("Reported under number %(no)s. Commander and watch have been told.", no=no), "ok")
    if not form.place.data:
        flash(_("No place was written: %(place)s is assumed.", place=reporting.assumed_place(actor)), "warn")
    way = url_for(".show", no=no) if may(actor, "incident.view") else url_for(".report")
    return gone_to(way)


def gone_to(way: str) -> Response:
    """Leads the browser on, whether its script or the browser itself asked."""
    if is_htmx():
        answer = make_response("", 200)
        answer.headers["HX-Redirect"] = way
        return answer
    return make_response(redirect(way, 303))


def refused_form(form: Any, refused: Refused, page: Any) -> Response:
    """The form again with the refusal's words at the field it is about, all that was typed still in it."""
    field = form._fields.get(refused.facts.get("field", ""))
    words = sentence(refused)
    if field is not None:
        field.errors = [*field.errors, words]
    return page(form, refused.status, "" if field is not None else words)  # type: ignore[no-any-return]


def tag_of(actor: Actor, incident_id: int) -> str:
    """What a screen has seen: store, incident, version, language, person (deeds differ by it), deadline watch."""
    moved = version(f"incident:{incident_id}")
    return f"{feed.epoch}.{incident_id}.{moved}.{locale()}.{actor.id}.{shell.watch()[0]}"


def picture(actor: Actor, no: str, template: str, **more: Any) -> Response:
    """A whole page or its live parts, with the tag of what it shows."""
    found = queries.incident_by_no(actor, no)
    tag = tag_of(actor, found.id)
    now = clock.now()
    shown = board.of(actor, found, now)
    answer = make_response(
        render_template(template, board=shown, incident=found, drill=found.exercise, tag=tag, now_at=now, **more)
    )
    answer.headers["HX-PTag"] = tag
    return answer


@bp.get("/<no>")
def show(no: str) -> Any:
    """The command board (EM3)."""
    actor = current_actor()
    allow(actor, "incident.view")
    return picture(actor, no, "incidents/show.html")


@bp.get("/<no>/wall")
def wall(no: str) -> Any:
    """The wall screen: no customer data."""
    actor = current_actor()
    allow(actor, "incident.view")
    return picture(actor, no, "incidents/wall.html", theme="dark", feed_url=url_for(".changes", no=no, screen="wall"))


@bp.get("/<no>/review")
def review(no: str) -> Any:
    """The review as it is read (EM8)."""
    actor = current_actor()
    allow(actor, "incident.view")
    found = queries.incident_by_no(actor, no)
    plan = plans.of(found.plan_version)
    return render_template(
        "incidents/review.html", incident=found, drill=found.exercise, kind=plan.classes[found.kind].word(locale()),
        grade=plan.grades[found.grade or found.proposed_grade].word(locale()),
        review=review_board.read(found, people.names(), clock.now()), practised=drill_board.read(found, clock.now()),
    )  # fmt: skip


@bp.get("/<no>/changes")
def changes(no: str) -> Any:
    """Has the picture changed? 204, or the live parts anew; `screen=wall` for the wall."""
    actor = current_actor()
    allow(actor, "incident.view")
    template = SCREENS.get(request.args.get("screen", "board"), SCREENS["board"])
    seen = request.headers.get("HX-PTag", "")
    parts = seen.split(".")
    if len(parts) == 6 and parts[1].isdigit() and seen == tag_of(actor, int(parts[1])):
        answer = make_response("", 204)
        answer.headers["HX-PTag"] = seen
        return answer
    found = queries.incident_by_no(actor, no)
    tag = tag_of(actor, found.id)
    answer = make_response(shared_view.drawn(actor, found, template, lambda: parts_of(actor, found, template)))
    answer.headers["HX-PTag"] = tag
    return answer


def parts_of(actor: Actor, incident: Incident, template: str) -> str:
    """The live parts of a screen as this person sees them now."""
    now = clock.now()
    return render_template(
        template, board=board.of(actor, incident, now), incident=incident, drill=incident.exercise, now_at=now
    )


def deed_named(name: str) -> Deed:
    """The deed with this name. Raises Missing."""
    if name not in DEEDS:
        raise Missing("not_found")
    return DEEDS[name]


def deed_open(actor: Actor, no: str, name: str) -> tuple[Deed, Incident]:
    """The deed of this name and the incident, where this person may do it and it may be done now. Raises Refused."""
    chosen = deed_named(name)
    allow(actor, chosen.verb)
    incident = queries.incident_by_no(actor, no)
    rules.open_for(incident, chosen.states)
    return chosen, incident


def deed_form(actor: Actor, incident: Incident, deed: Deed) -> Any:
    """The deed's form, its lists filled from the incident as it is now."""
    form = deed.form()
    if deed.prepare:
        deed.prepare(actor, clock.now(), incident, form)
    if not form.is_submitted():
        form.seen.data = str(incident.version)
        for field in form.shown():
            if field.name in request.args and field.name in ("task", "role", "code", "n", "number"):
                field.data = request.args[field.name]
    return form


def deed_page(no: str, name: str, title: Any, exercise: bool) -> Any:
    """Renders a deed's form as a page of its own or as the part the board holds."""

    def page(form: Any, status: int = 200, error: str = "", draft_at: datetime | None = None) -> Response:
        part = "incidents/_deed.html" if is_htmx() else "incidents/deed.html"
        facts = {"form": form, "no": no, "name": name, "title": title, "error": error, "draft_at": draft_at,
                 "drill": exercise, "send": DEEDS[name].send or title, "note": DEEDS[name].note}  # fmt: skip
        return make_response(render_template(part, **facts), status)

    return page


@bp.get("/<no>/do/<name>")
def deed(no: str, name: str) -> Any:
    """The form of one deed."""
    actor = current_actor()
    chosen, incident = deed_open(actor, no, name)
    form = deed_form(actor, incident, chosen)
    left = kept.left(actor, incident, name, form)
    return deed_page(no, name, chosen.title, incident.exercise)(form, draft_at=left)


@bp.post("/<no>/do/<name>")
def do(no: str, name: str) -> Any:
    """Does it; refused with the form as it was typed, or answered with the board as it is now."""
    actor, now = current_actor(), clock.now()
    chosen, incident = deed_open(actor, no, name)
    form = deed_form(actor, incident, chosen)
    page = deed_page(no, name, chosen.title, incident.exercise)
    if not form.validate_on_submit():
        return page(form, 422)
    seen = int(form.seen.data) if chosen.careful and (form.seen.data or "").isdigit() else None
    try:
        with transaction():
            locked = queries.incident_to_change(actor, no, seen)
            chosen.run(actor, now, locked, form)
            kept.forget(actor, locked, name)
    except (Forbidden, Busy):
        raise
    except Refused as refused:
        form.seen.raw_data, form.seen.data = None, str(queries.incident_by_no(actor, no).version)
        return refused_form(form, refused, page)
    if is_htmx() and "/do/" not in request.headers.get("HX-Current-URL", ""):  # else the form has a page of its own
        return picture(actor, no, "incidents/_done.html", said=term(f"incident.done.{name}"))
    flash(term(f"incident.done.{name}"), "ok")
    return gone_to(url_for(".show", no=no))
