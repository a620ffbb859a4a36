"""URLs of taking requests down: the form, its draft, and what is said while one types."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.attachments import actions as files
from portal.attachments import queries as queries_of_files
from portal.attachments.receiving import at_field, receive
from portal.attachments.routes import REQUEST
from portal.cases import queries as cases
from portal.cases.models import Case
from portal.cases.rules import CHANNELS, LIVE
from portal.cases.submissions import made_by
from portal.directory import queries as directory
from portal.directory.queries import mark_of
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.intake import actions, drafts, extras, repeat_pages, rules, vague_words, voicemail_actions
from portal.intake.ahead import ahead
from portal.intake.call_pages import calls
from portal.intake.dispatch_pages import dispatch
from portal.intake.forms import RequestForm
from portal.intake.import_pages import imports
from portal.intake.similar import similar
from portal.intake.voicemail_pages import voicemails
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Stale
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, sentence, term
from portal.kernel.web import is_htmx
from portal.knowledge import actions as knowledge
from portal.knowledge.offers import Offer, language, offers, references
from portal.knowledge.queries import fitting_articles
from portal.knowledge.rules import in_language
from portal.proposals import book as proposals
from portal.proposals.queries import departments

bp = Blueprint("intake", __name__, url_prefix="/intake")
BLUEPRINTS = (bp, repeat_pages.bp, imports, voicemails, dispatch, calls)
FORM = REQUEST
FRESH = timedelta(minutes=10)  # an older draft does not keep its time of receipt
PLACE = {"customer": "contact", "problem": "description", "time": "happened", "demand": "demand"}
STEPS = ("greeting", "acknowledgement", "delay", "apology")  # what is said while a request is taken down
TEXTS = ("contact", "customer_name", "caller", "order_no", "product", "symptom", "overruled", "complex_why")


@bp.get("/new")
def form() -> Any:
    """The empty form, or the draft its author left."""
    actor, now = current_actor(), clock.now()
    allow(actor, "case.log")
    draft = drafts.draft(actor, FORM)
    made = RequestForm(formdata=None, data=draft.fields if draft else None)
    extra = draft.fields.get("extra") if draft else None
    if draft and now - draft.at > FRESH and not made.voicemail.data:
        made.received.data = ""
        made.received.description = _("Set to now; the draft is older.")
    if not made.key.data:
        made.key.data = secrets.token_urlsafe(16)
    if not made.received.data:
        made.received.data = f"{local(now):%Y-%m-%d %H:%M:%S}"
    return page(made, actor, draft_at=draft.at if draft else None, extra=extra)


def page(
    form: RequestForm, actor: Actor, *, status: int = 200, draft_at: Any = None, refused: str = "", extra: Any = None
) -> Response:
    """The form as a page, or as the part of the page that htmx asked for."""
    typed = extra or extras.typed(request.form)
    facts = {
        "form": form, "four": four(form), "draft_at": draft_at, "refused": refused, "hints": hints(form),
        "of_channel": extras.by_channel(typed),
        "extras": extras.shown(form.request_type.data or "", typed, refused=status == 422),
        "near": similar(actor, clock.now(), directory.find(form.contact.data or ""), text_of(form)),
        "may_overrule": may(actor, "case.judge"),
        "vague": rules.vague(form.description.data or "", vague_words.in_force()),
        "used": request.form.getlist("wording"), "waiting": queries_of_files.waiting(actor, FORM),
    }  # fmt: skip
    template = "intake/_refused.html" if is_htmx() and status != 200 else "intake/form.html"
    wrong = next((field for field in form if field.errors), None)
    if wrong:
        wrong.render_kw = {**(wrong.render_kw or {}), "autofocus": True}
    return make_response(render_template(template, **facts), status)


def text_of(form: RequestForm) -> str:
    """What the request says, for proposals and for looking up what is alike."""
    return f"{form.description.data or ''} {form.symptom.data or ''}"


def lacking_in(form: RequestForm) -> tuple[str, ...]:
    """Which of the four elements are absent or vague in what is typed."""
    return rules.missing(
        customer=form.contact.data or form.customer_name.data or "", problem=form.description.data or "",
        time=form.happened.data or "", demand=form.demand.data or "", overruled=bool(form.overruled.data),
        words=vague_words.in_force(),
    )  # fmt: skip


def four(form: RequestForm) -> list[dict[str, str]]:
    """The four elements as they stand: met, too vague, or empty."""
    lacking = lacking_in(form)
    values = {
        "customer": form.contact.data or form.customer_name.data, "problem": form.description.data,
        "time": form.happened.data, "demand": form.demand.data,
    }  # fmt: skip
    wrong: dict[str, Any] = {name: form[PLACE[name]].errors for name in rules.ELEMENTS}
    if "time" not in lacking and rules.only_a_day(form.happened.data or ""):
        wrong["time"] = wrong["time"] or [_("Only the day: add about what time, if the customer knows")]
    return [
        {
            "label": term(f"element.{name}"),
            "state": "met" if name not in lacking and not wrong[name] else "part" if values[name] else "empty",
            "value": _said(name, wrong[name]) if values[name] and (name in lacking or wrong[name]) else "",
        }
        for name in rules.ELEMENTS
    ]


def _said(name: str, errors: Any) -> str:
    return str(errors[0]) if errors else term(f"missing.{name}")


def hints(form: RequestForm) -> dict[str, Any]:
    """What helps while typing: the proposal with its words, the customer's earlier cases, cases that look alike."""
    text = text_of(form)
    proposal = proposals.propose(text, form.urgency.data or "normal") if text.strip() else None
    customer = directory.find(form.contact.data or "")
    return {
        "proposal": proposal,
        "units": departments(),
        "asked": bool((form.contact.data or "").strip()),
        "customer": customer,
        "mark": mark_of(customer, clock.now()) if customer else None,
        "cases": cases.cases_of(customer.id) if customer else [],
        "offers": said(form),
        "articles": fitting(text),
        "ahead": ahead(form, proposal, customer.id if customer else None, clock.now()),
    }


def fitting(text: str) -> list[tuple[str, dict[str, str]]]:
    """(number, texts) of the articles that fit what is typed (IN10)."""
    found = fitting_articles(text, clock.now()) if may(current_actor(), "article.view") else []
    return [(one.code, in_language(one.data, language())) for one in found]


def said(form: RequestForm) -> list[Offer]:
    """What may be said to the customer before the request has a number: no text that would speak of one."""
    actor = current_actor()
    if not may(actor, "wording.view"):
        return []
    values = {"agent": actor.name, "customer": (form.customer_name.data or "").strip()}
    return offers(clock.now(), STEPS, form.channel.data or CHANNELS[0], values)


@bp.post("/check")
def check() -> Any:
    """What is said while one types; nothing is kept."""
    allow(current_actor(), "case.log")
    made = RequestForm()
    return render_template("intake/_check.html", four=four(made), hints=hints(made))


@bp.post("/draft")
def keep_draft() -> Any:
    """Keeps what is typed on the server, for its author alone; the answer is what the page says about it."""
    actor, now = current_actor(), clock.now()
    made = RequestForm()
    fields = {name: value for name, value in made.data.items() if name not in ("csrf_token", "files")}
    fields["extra"] = extras.typed(request.form)
    with transaction():
        if not made_by(made.key.data or ""):  # else it was sent while this was on its way
            drafts.keep(actor, now, FORM, fields)
    return _("Draft saved %(time)s", time=f"{local(now):%H:%M:%S}")


@bp.post("/draft/drop")
def drop_draft() -> Any:
    """Gives the draft up and starts afresh."""
    actor = current_actor()
    with transaction():
        drafts.drop(actor, FORM)
        files.forget(actor, FORM)
    return redirect(url_for("intake.form"), 303)


@bp.post("/new")
def log() -> Any:
    """Logs the request; a refusal brings the form back with everything typed, a second post finds the first case."""
    actor, now, made = current_actor(), clock.now(), RequestForm()
    allow(actor, "case.log")
    fine = made.validate_on_submit()
    arrived = not request.files or made_by(made.key.data or "") or at_field(made.files, receive(actor, now, FORM))
    if not (fine and arrived):
        place(made, Invalid("elements_missing", missing=lacking_in(made)))
        return page(made, actor, status=422)
    try:
        with transaction():
            again = made_by(made.key.data or "")
            case = (
                db.session.get_one(Case, again)
                if again
                else actions.take(actor, now, wanted(made, actor, now), key=made.key.data or "")
            )
            refs = [] if again else references(request.form.getlist("wording"))
            if refs:
                knowledge.count_use(actor, now, "wording", refs, case_id=case.id, entry=case.version, deed="log")
            if not again:
                files.attach(actor, now, case, FORM)
                voicemail_actions.logged(actor, made.voicemail.data or "", case)
            drafts.drop(actor, FORM)
    except Invalid as refused:
        place(made, refused)
        return page(made, actor, status=422, refused=sentence(refused))
    except Stale:
        known = made_by(made.key.data or "")
        if not known:
            raise
        return onward(db.session.get_one(Case, known))
    return onward(case)


def wanted(form: RequestForm, actor: Actor, now: Any) -> actions.Request:
    """What was typed, as a request; only a supervisor's overruling counts."""
    texts: dict[str, Any] = {name: (form[name].data or "").strip() for name in TEXTS}
    if not may(actor, "case.judge"):
        texts["overruled"] = ""
    return actions.Request(
        **texts, channel=form.channel.data, description=form.description.data or "", demand=form.demand.data or "",
        happened=form.happened.data or "", received=getattr(form.received, "instant", None) or now,
        customer_category=form.customer_category.data, request_type=form.request_type.data or "",
        category=form.category.data or "", urgency=form.urgency.data or "normal",
        complexity=form.complexity.data or "simple", level=form.level.data or "",
        expected=getattr(form.expected, "instant", None), prefers=form.prefers.data,
        read_back=tuple(form.read_back.data or ()) if form.channel.data in LIVE else (),
        acting=form.acting.data or "", extra=extras.typed(request.form),
        entry_calendar=voicemail_actions.hours_of(actor, form.voicemail.data or "", form.channel.data),
    )  # fmt: skip


def place(form: RequestForm, refused: Invalid) -> None:
    """Puts the refusal at the fields it speaks of."""
    for name in refused.facts.get("missing", ()):
        field = form[PLACE[name]]
        field.errors = [*field.errors, term(f"missing.{name}")]
    where = refused.facts.get("field", "")
    if where in form and where != "elements":
        form[where].errors = [*form[where].errors, sentence(refused)]


def onward(case: Case) -> Response:
    """To the new case, where its number is read out."""
    target = url_for("cases.page", no=case.no, new=1)
    if is_htmx():
        answer = make_response("", 204 if request.method == "GET" else 200)
        answer.headers["HX-Redirect"] = target
        return answer
    return make_response(redirect(target, 303))
