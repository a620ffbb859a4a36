"""URLs of the case page: the page, its changes, its deeds, and why a clock is due when it is."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from portal import frame
from portal.attachments import queries as queries_of_files
from portal.attachments.receiving import at_field, receive
from portal.cases import queries
from portal.cases.guard import whole
from portal.cases.models import Case
from portal.cases.telling import look, told
from portal.collaboration import following
from portal.desk import case_deeds, case_view, case_why, merging, presence, said, suggestions, undoing
from portal.desk.caches import caches
from portal.desk.case_file import MOST_CASES, File, promised, tag_parts, time_of
from portal.desk.case_forms import ClaimForm
from portal.desk.deed_drafts import left
from portal.directory.sight import covered
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.incidents.queries import incident_by_id
from portal.intake import drafts
from portal.journal import stream
from portal.kernel import clock, feed
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, sentence, term
from portal.kernel.instants import epoch
from portal.kernel.masking import hidden
from portal.kernel.web import is_htmx

cases_bp = Blueprint("cases", __name__, url_prefix="/cases")


class Body(NamedTuple):
    """The two changing parts of a case page, drawn, and the keys of its deeds.

    `later`: what stands for its time until somebody comes to it; empty where that holds promises and is drawn at once.
    """

    title: str
    top: str
    rest: str
    later: str
    keys: list[tuple[str, str]]


TIME = "\ue004"  # stands in a drawn body for the picture of its time, which moves on by itself


def body(file: File) -> Body:
    """The page's parts as this person sees them; drawn again only when the case or its customer's cases have moved."""
    actor, now, head = current_actor(), clock.now(), file.head
    drawn = caches().case_bodies
    key = (*tag_parts(head), actor.roles, actor.id, head.family, local(now).date(), feed.version("identity"),
           feed.version(following.topic(actor)), feed.version("knowledge"))  # fmt: skip
    found: Body | None = drawn.get(key)
    if found is None:
        if len(drawn) >= MOST_CASES:
            drawn.clear()
        found = drawn[key] = draw(file)
    return found


def draw(file: File) -> Body:
    """Draws both parts; the token stays a mark that is filled in on each page."""
    actor, now, case = current_actor(), clock.now(), whole(file.case)
    names = case_deeds.possible(actor, case)
    within = incident_by_id(case.incident_id)
    values = {
        "view": case_view.view(actor, case, now, file.clocks), "case": case, "deeds": names, "DEEDS": case_deeds.DEEDS,
        "next": case_deeds.next_deed(case, names), "look": look(case.state), "token": frame.TOKEN,
        "base": f"/cases/{case.no}", "TIME": TIME, "incident": within.no if within else "",
        "followed": following.follows(actor, case.id) if may(actor, "case.follow", case) else None,
    }  # fmt: skip
    keys = [(case_deeds.DEEDS[n].key, term(f"deed.{n}")) for n in names if case_deeds.DEEDS[n].key]
    kinds = covered(actor, case)  # texts hold what people typed: nobody reads ID and card numbers in them by default
    top, rest = (hidden(render_template(f"desk/_case_{part}.html", **values), kinds) for part in ("top", "rest"))
    later = "" if promised(file) else render_template("desk/_case_time_later.html", no=case.no)
    return Body(f"{case.no} {hidden(case.title, kinds)}", top, rest, later, keys)


def lower(found: Body, time: str) -> Markup:
    """The lower part of the page with this piece where its time stands."""
    return frame.filled(found.rest.replace(TIME, time))


def tag(head: queries.Head) -> str:
    """What a screen showing this case sends back to ask whether it has changed."""
    return ".".join(map(str, tag_parts(head)))


@cases_bp.get("/<no>")
def page(no: str) -> Any:
    """The case with its clocks, what comes next, and everything that has happened; `?clock=` opens why that one.

    Where its time went is drawn when somebody comes to that part of the page, or asks for it (`?time=1`).
    """
    head = queries.head_by_no(current_actor(), no)
    asked = request.args.get("clock", "")
    file = File(head)
    found = body(file)
    now_or_later = found.later if found.later and "time" not in request.args else time_of(file)
    people = presence.others(current_actor(), epoch(clock.now()), head.id)
    return render_template(
        "desk/case.html", head=head, body=found, rest=lower(found, now_or_later), tag=tag(head), filled=frame.filled,
        people=people, undo=undoing.offered(request.args.get("done", ""), no),
        facts=facts_of(head, int(asked)) if asked.isdecimal() and len(asked) < 16 else None,
    )  # fmt: skip


def facts_of(head: queries.Head, clock_id: int) -> dict[str, Any]:
    """Why one of the case's clocks is due when it is."""
    case = queries.case_by_no(current_actor(), head.no)
    return case_why.why(case, case_view.clock_by_id(case, clock_id), clock.now())


@cases_bp.get("/<no>/changes")
def changes(no: str) -> Any:
    """204 while the case is as the screen shows it, otherwise its changed parts; forms being typed in stay alone."""
    head = queries.head_by_no(current_actor(), no)
    answer = make_response("", 204)
    if request.headers.get("HX-PTag", "") != tag(head):
        answer = make_response(partials(head))
    answer.headers["HX-PTag"] = tag(head)
    return presence.told(answer, presence.mark_of_case(epoch(clock.now()), head.id))


def partials(head: queries.Head, done: str = "", undo: bool = False) -> str:
    """The changed parts for the screen; `done` when a deed was done, whose form is then cleared away."""
    file = File(head)
    found = body(file)
    last = stream.read(f"case:{head.id}", newest_first=True, limit=1)
    others = bool(last) and last[0].by_id != current_actor().id
    return render_template(
        "desk/_case_parts.html", body=found, rest=lower(found, time_of(file)), filled=frame.filled, said=done,
        others=others, undo=undo, head=head,
    )  # fmt: skip


@cases_bp.get("/<no>/clocks/<int:clock_id>")
def why(no: str, clock_id: int) -> Any:
    """Why this time? Every fact behind one due instant."""
    case = queries.case_by_no(current_actor(), no)
    row = case_view.clock_by_id(case, clock_id)
    facts = case_why.why(case, row, clock.now())
    return render_template("desk/_case_why.html" if is_htmx() else "desk/case_why.html", facts=facts, case=case)


@cases_bp.get("/<no>/do/<deed>")
def ask(no: str, deed: str) -> Any:
    """The form of one deed: into the page, or as a page of its own without script."""
    actor = current_actor()
    case = queries.case_by_no(actor, no)
    allow(actor, case_deeds.deed_by_name(deed).verb, case)
    form = case_deeds.form_for(deed, case)
    return form_page(case, deed, form, draft_at=left(actor, case, deed, form))


def form_page(
    case: Case, deed: str, form: Any, status: int = 200, news: Any = (), draft_at: datetime | None = None
) -> Response:
    """The deed's form, with what is wrong with it and, after a conflict, with what has happened meanwhile."""
    page = "desk/_case_form.html" if is_htmx() else "desk/case_form.html"
    offers, into = said.offered(current_actor(), clock.now(), case, deed)
    used = request.form.getlist("wording")
    waiting = queries_of_files.waiting(current_actor(), queries_of_files.form_of(case)) if "files" in form else []
    facts = {"case": whole(case), "deed": deed, "form": form, "news": news, "offers": offers, "into": into,
             "used": used, "waiting": waiting, "draft_at": draft_at,
             "proposed": suggestions.level_of(form)}  # fmt: skip
    return make_response(render_template(page, **facts), status)


@cases_bp.post("/<no>/do/<deed>")
def deed(no: str, deed: str) -> Any:
    """Does one thing to a case. What was typed comes back on every refusal."""
    actor, now, what = current_actor(), clock.now(), case_deeds.deed_by_name(deed)
    case = queries.case_by_no(actor, no)
    allow(actor, what.verb, case)
    form = case_deeds.form_for(deed, case)
    if not filled_in(actor, now, case, form):
        return form_page(case, deed, form, 422)
    try:
        with transaction():
            case = queries.case_to_change(actor, no)
            unless_overtaken(case, deed, seen_version(form))
            what.act(actor, now, case, form)
            drafts.drop(actor, drafts.form_of(case, deed), verb="notice.read")  # the deed may have ended its own right
            said.count(actor, now, case, deed, request.form.getlist("wording"))
    except Invalid as refused:
        return refused_form(queries.case_by_no(actor, no), deed, form, refused)
    except Stale:
        return stale_form(queries.case_by_no(actor, no), deed, form)
    except Refused as refused:
        if refused.status != 409 or what.form is ClaimForm:
            raise
        return refused_form(queries.case_by_no(actor, no), deed, form, refused)
    return done(case, deed)


def filled_in(actor: Actor, now: datetime, case: Case, form: Any) -> bool:
    """Whether the form can be sent on; its files are put down beside it in any case, so that none is lost."""
    fine = bool(form.validate_on_submit())
    return (
        (at_field(form.files, receive(actor, now, queries_of_files.form_of(case))) and fine)
        if "files" in form
        else fine
    )


def seen_version(form: Any) -> int | None:
    """The version of the case that the person saw; a one-click deed carries none."""
    return int(form.seen.data) if (form.seen.data or "").isdigit() else None


def unless_overtaken(case: Case, deed: str, seen: int | None) -> None:
    """Raises Stale when somebody has written what this deed writes since its form was opened; other fields merge."""
    if seen is not None and seen != case.version:
        news = [line.kind for line in stream.read(case.stream) if line.n > seen]
        if seen > case.version or merging.conflict(deed, news):
            raise Stale("changed_meanwhile", no=case.no, seen=seen)


def refused_form(case: Case, deed: str, form: Any, refused: Refused) -> Response:
    """The form again, the refusal at its field or above the form."""
    where = refused.facts.get("field")
    if where and where in form:
        form[where].errors = [*form[where].errors, sentence(refused)]
    else:
        form.form_errors.append(sentence(refused))
    return form_page(case, deed, form, refused.status)


def stale_form(case: Case, deed: str, form: Any) -> Response:
    """Somebody was faster: what has happened since, the typed text still there, the form ready to be sent again."""
    seen = seen_version(form) or 0
    news = [told(line, case_view.names()) for line in stream.read(case.stream) if line.n > seen]
    form.seen.data = str(case.version)
    form.seen.raw_data = None
    return form_page(case, deed, form, 409, news)


def done(case: Case, deed: str) -> Any:
    """After a deed: the page's changed parts; where its form was a page of its own, the way back."""
    back = url_for("cases.consultation" if deed in ("vote", "settle") else "cases.page", no=case.no, done=deed)
    if not is_htmx():
        return redirect(back, 303)
    if "/do/" in request.headers.get("HX-Current-URL", ""):
        return Response(headers={"HX-Redirect": back})
    words = term(f"done.{deed}")
    if deed == "judge":
        words = _("Judged %(level)s; %(unit)s leads.", level=case.level, unit=case_view.units().get(case.unit_id, ""))
    answer = make_response(
        partials(queries.head_by_no(current_actor(), case.no), words, undoing.offered(deed, case.no))
    )
    answer.headers["HX-Reswap"], answer.headers["X-Done"] = "none", deed
    return answer
