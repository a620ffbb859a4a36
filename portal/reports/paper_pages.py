"""URLs of reports by calendar: the list, one report, writing a section, what is done to it, and its PDF."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.intake import drafts
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, sentence, term
from portal.reports import (
    freeze,
    paper_actions,
    paper_calendar,
    paper_print,
    paper_queries,
    paper_rules,
    paper_view,
    quarterly_made,
)
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS, STATES
from portal.reports.rules import quarter_code

bp = Blueprint("papers", __name__, url_prefix="/reports/papers")
SHOWN = ("", "open", *STATES)


@bp.get("")
def index() -> Any:
    """All reports by calendar this person may read: what is under way, what is late, what was published."""
    return _index(current_actor())


def _index(actor: Actor, error: str = "", status: int = 200) -> Any:
    allow(actor, "report.view")
    now, kind, state = clock.now(), request.args.get("kind", ""), request.args.get("state", "")
    if kind and kind not in KINDS:
        raise Invalid("no_such_report", field="kind")
    if state not in SHOWN:
        raise Invalid("no_such_report", field="state")
    return render_template(
        "reports/papers.html", papers=paper_queries.listed(actor, kind, state), kind=kind, state=state,
        kinds=paper_calendar.kinds(), quarter=quarter_code(local(now)),
        now=now, name_of=paper_view.name_of, period_name=paper_view.period_name, standing=paper_view.standing,
        on_time=paper_queries.on_time(now), next_words=paper_view.next_words, error=error, typed=request.form,
        opens=may(actor, "report.write", paper_actions.Place(frozenset())),
        kind_words=[("", _("All reports")), *((code, term(f"paper.{code}")) for code in KINDS)],
    ), status  # fmt: skip


@bp.post("")
def begin() -> Any:
    """Opens a report of the whole house before its date, so that people can write in it already."""
    actor, now = current_actor(), clock.now()
    allow(actor, "report.write", paper_actions.Place(frozenset()))
    try:
        kind = paper_calendar.kind_of(request.form.get("kind", ""))
        with transaction():
            paper = paper_actions.open_paper(actor, now, kind, request.form.get("period", "").strip().upper())
    except Invalid as refused:
        return _index(actor, sentence(refused), refused.status)
    return redirect(url_for("papers.page", paper_id=paper.id), 303)


@bp.get("/<int:paper_id>")
def page(paper_id: int) -> Any:
    """One report: sections with figures and prose, who signs, its editions, what comes next."""
    actor = current_actor()
    return _page(actor, paper_queries.paper(actor, paper_id))


def _page(actor: Actor, paper: Paper, error: str = "", status: int = 200) -> Any:
    now, editions = clock.now(), paper_queries.editions(paper)
    before = next((one for one in editions if one.edition == paper.edition - 1), None)
    can = paper_view.deeds(actor, paper, paper.id == editions[0].id)
    return render_template(
        "reports/paper.html", paper=paper, name=paper_view.name_of(paper), error=error,
        kind=paper_calendar.kind_of(paper.kind),
        content=paper_view.content(paper, paper_view.language()), facts=paper_view.facts_line(paper, now), now=now,
        deeds=can, writes=paper_view.writable(actor, paper), next_words=paper_view.next_words(paper, now),
        editions=editions, moved=paper_view.moved(before, paper), figure_name=paper_view.figure_name,
        figure_value=paper_view.figure_value, signers=paper_queries.signers_offered(paper) if "hand_in" in can else [],
        unbalanced="" if error else paper_view.unbalanced(paper),
        broken=paper.state == "published" and not freeze.whole(paper), typed=request.form,
        days=paper_view.days_in_words(paper.kind, paper.period), langs=paper_print.offered(), zip=zip,
    ), status  # fmt: skip


@bp.get("/<int:paper_id>.pdf")
def download(paper_id: int) -> Response:
    """The report as PDF, in the reader's language or ?lang=zh|en."""
    actor = current_actor()
    paper = paper_queries.paper(actor, paper_id)
    lang = request.args.get("lang") or paper_view.language()
    answer = make_response(paper_print.paper_pdf(paper, lang, clock.now()))
    answer.headers["Content-Type"] = "application/pdf"
    name = f"{paper.kind}-{paper.period}-{paper.unit_id or 'all'}-e{paper.edition}-{lang}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/<int:paper_id>/sections/<section>")
def write(paper_id: int, section: str) -> Any:
    """The form of one section: its text, or the draft its author left, and what is offered beside it."""
    actor = current_actor()
    paper = paper_queries.paper(actor, paper_id)
    return _form(actor, paper, section)


def _form(actor: Actor, paper: Paper, section: str, refused: Refused | None = None) -> Any:
    allow(actor, "report.write", paper)
    paper_rules.prose_of(KINDS[paper.kind], section)
    if not paper_view.writable(actor, paper):
        raise Refused("paper_in_other_state", state=f"term:paper_state.{paper.state}")
    content = paper_view.content(paper, paper_view.language())
    kept = content.texts.get(section, {})
    draft = drafts.draft(actor, _form_name(paper, section)) if refused is None else None
    text = request.form.get("text", "") if refused else draft.fields.get("text", "") if draft else kept.get("text", "")
    shown = next((one for one in content.sections if one["code"] == section), None)
    offered = [(name, content.material.get(name, [])) for name in quarterly_made.OFFERED.get(section, ())]
    return render_template(
        "reports/paper_write.html", paper=paper, section=section, name=paper_view.name_of(paper), text=text,
        head=shown["head"] if shown else term(f"report.section.{section}"), kept=kept, shown=shown, draft=draft,
        facts=paper_view.facts_line(paper, clock.now()), offered=[(n, list_) for n, list_ in offered if list_],
        error=sentence(refused) if refused else "", stale=isinstance(refused, Stale),
        masked=paper.kind == "quarterly" and section in paper_rules.MASKED,
        zip=zip,
    ), refused.status if refused else 200  # fmt: skip


@bp.post("/<int:paper_id>/sections/<section>")
def save(paper_id: int, section: str) -> Any:
    """Keeps the text of a section; refused text stays in the form."""
    actor, now, seen = current_actor(), clock.now(), request.form.get("seen", "")
    paper = paper_queries.paper(actor, paper_id)
    try:
        with transaction():
            paper = paper_queries.paper(actor, paper_id, lock=True)
            paper_actions.write_text(
                actor, now, paper, section=section, text=request.form.get("text", ""),
                seen=int(seen) if seen.isdigit() and len(seen) < 10 else None,
            )  # fmt: skip
            drafts.drop(actor, _form_name(paper, section), verb="report.write", subject=paper)
    except (Invalid, Stale) as refused:
        if section not in KINDS[paper.kind].prose:
            raise
        return _form(actor, paper, section, refused)
    return redirect(url_for("papers.page", paper_id=paper_id) + f"#section-{section}", 303)


@bp.post("/<int:paper_id>/draft/<section>")
def keep_draft(paper_id: int, section: str) -> Any:
    """Keeps what is typed into a section, for its author alone; the answer is what the page says about it."""
    actor, now = current_actor(), clock.now()
    paper = paper_queries.paper(actor, paper_id)
    allow(actor, "report.write", paper)
    paper_rules.prose_of(KINDS[paper.kind], section)
    with transaction():
        drafts.keep(
            actor, now, _form_name(paper, section), {"text": request.form.get("text", "")}, verb="report.write",
            subject=paper,
        )  # fmt: skip
    return _("Draft saved %(time)s", time=f"{local(now):%H:%M:%S}")


@bp.post("/<int:paper_id>/draft/<section>/drop")
def drop_draft(paper_id: int, section: str) -> Any:
    """Gives the draft of a section up; the form begins with the text that is kept."""
    actor = current_actor()
    paper = paper_queries.paper(actor, paper_id)
    with transaction():
        drafts.drop(actor, _form_name(paper, section), verb="report.write", subject=paper)
    return redirect(url_for("papers.write", paper_id=paper_id, section=section), 303)


@bp.post("/<int:paper_id>/<deed>")
def act(paper_id: int, deed: str) -> Any:
    """Does something to a report: hand_in, send_back, approve, anew, correct, answer or settle."""
    actor, now = current_actor(), clock.now()
    paper = paper_queries.paper(actor, paper_id)
    if deed not in DEEDS:
        raise Missing("no_such_report")
    try:
        with transaction():
            paper = paper_queries.paper(actor, paper_id, lock=True)
            done = DEEDS[deed](actor, now, paper)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        return _page(actor, paper_queries.paper(actor, paper_id), sentence(refused), refused.status)
    return redirect(url_for("papers.page", paper_id=done.id), 303)


def _hand_in(actor: Actor, now: Any, paper: Paper) -> Paper:
    chosen = [int(one) for one in request.form.getlist("signers") if one.isdigit() and len(one) < 16]
    return paper_actions.hand_in(actor, now, paper, chosen)


def _answer(actor: Actor, now: Any, paper: Paper) -> Paper:
    form = request.form
    try:
        day = date.fromisoformat(form.get("day", "").strip())
    except ValueError:
        day = None
    return paper_actions.answer(
        actor, now, paper, cause=form.get("cause", ""), measure=form.get("measure", ""), day=day
    )  # fmt: skip


DEEDS = {
    "hand_in": _hand_in,
    "send_back": lambda actor, now, paper: paper_actions.send_back(actor, now, paper, request.form.get("why", "")),
    "approve": lambda actor, now, paper: paper_actions.approve(actor, now, paper),
    "anew": lambda actor, now, paper: paper_actions.draft_anew(actor, now, paper),
    "correct": lambda actor, now, paper: paper_actions.correct(actor, now, paper, request.form.get("why", "")),
    "answer": _answer,
    "settle": lambda actor, now, paper: paper_actions.settle(actor, now, paper, request.form.get("words", "")),
}


def _form_name(paper: Paper, section: str) -> str:
    return f"paper:{paper.id}:{section}"
