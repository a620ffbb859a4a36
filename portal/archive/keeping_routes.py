"""URLs of retention: how long what is kept, legal holds, and disposals by two people with their certificates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select

from portal.archive import certificate, disposal_actions, disposals, hold_actions, holds
from portal.archive.forms import asked
from portal.archive.keeping_models import Disposal, RetentionClass
from portal.archive.keeping_rules import SCOPES
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import locale, sentence

bp = Blueprint("retention", __name__, url_prefix="/archive/retention")


@bp.get("")
def index() -> Any:
    """Classes, holds, and batches with what is due now."""
    return _page(current_actor(), clock.now())


def _page(actor: Actor, now: datetime, wrong: dict[str, str] | None = None, status: int = 200) -> Any:
    """The page; `wrong` is a refusal's sentence by the form it belongs to."""
    allow(actor, "retention.view")
    due = disposals.due(now, 500) if may(actor, "disposal.view") else disposals.Due([], [])
    page = render_template(
        "archive/retention.html", holds=holds.all_holds(), due=len(due), names=people.names(), wrong=wrong or {},
        classes=list(db.session.scalars(select(RetentionClass).order_by(RetentionClass.code))),
        batches=list(db.session.scalars(select(Disposal).order_by(Disposal.id.desc()).limit(50))),
        held=due.held(),
        scopes=[scope for scope in SCOPES if scope != "search"], typed=request.form, q=request.args.get("q", ""),
    )  # fmt: skip
    return page, status


def _done(form: str, act: Callable[[Actor, datetime], Any]) -> Any:
    """Does one thing; a refusal stands beside its form, with what was typed."""
    actor, now = current_actor(), clock.now()
    try:
        with transaction():
            act(actor, now)
    except Invalid as refused:
        return _page(actor, now, {form: sentence(refused)}, refused.status)
    except Refused as refused:
        if refused.status != 409:
            raise
        return _page(actor, now, {form: sentence(refused)}, refused.status)
    return redirect(url_for(".index"), 303)


def _said(name: str) -> str:
    return request.form.get(name, "")[:400]


@bp.post("/classes/<code>")
def months(code: str) -> Any:
    """How long a class is kept."""
    return _done(f"class-{code}", lambda a, n: disposal_actions.set_months(a, n, code, months=_said("months")))


@bp.post("/holds")
def place() -> Any:
    """Places a hold on a case, customer, incident or stretch of time."""
    return _done(
        "hold",
        lambda a, n: hold_actions.place(
            a, n, scope=_said("scope"), target=_said("target"), until=_said("until"), reason=_said("reason")
        ),
    )


@bp.post("/holds/search")
def place_on_search() -> Any:
    """Places a hold on what a search finds now."""
    return _done("search", lambda a, n: hold_actions.place_on_search(a, n, asked(request.form), reason=_said("reason")))


@bp.post("/holds/<int:hold_id>/lift")
def lift(hold_id: int) -> Any:
    """Ends a hold; somebody else than who placed it."""
    return _done(f"lift-{hold_id}", lambda a, n: hold_actions.lift(a, n, hold_id, words=_said("words")))


@bp.post("/disposals")
def propose() -> Any:
    """Proposes everything that is due and not held."""
    return _done("propose", lambda a, n: disposal_actions.propose(a, n, reason=_said("reason")))


@bp.get("/disposals/<int:batch_id>")
def batch(batch_id: int) -> Any:
    """One batch with its records."""
    return _batch(current_actor(), batch_id)


def _batch(actor: Actor, batch_id: int, wrong: str = "", status: int = 200) -> Any:
    found = disposal_actions.batch_by_id(actor, batch_id)
    rows = disposals.items(found.id)
    page = render_template(
        "archive/disposal.html", batch=found, items=rows, names=people.names(), wrong=wrong,
        mine=found.proposed_by == actor.id,
    )  # fmt: skip
    return page, status


@bp.post("/disposals/<int:batch_id>/<what>")
def decide(batch_id: int, what: str) -> Any:
    """Approves or refuses a batch; an attempt that is refused is written down."""
    actor, now = current_actor(), clock.now()
    allow(actor, "disposal.approve")
    act = disposal_actions.approve if what == "approve" else disposal_actions.refuse
    try:
        with transaction():
            act(actor, now, batch_id, words=_said("words"))
    except (Invalid, Refused) as refused:
        if refused.status not in (409, 422):
            raise
        with transaction():
            disposal_actions.note_refused(actor, now, batch_id, refused.code)
        return _batch(actor, batch_id, sentence(refused), refused.status)
    return redirect(url_for(".batch", batch_id=batch_id), 303)


@bp.get("/disposals/<int:batch_id>/certificate.pdf")
def paper(batch_id: int) -> Response:
    """The certificate of a batch that is done, on A4."""
    found = disposal_actions.batch_by_id(current_actor(), batch_id)
    answer = Response(certificate.pdf(found, "en" if locale() == "en" else "zh"), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.code}.pdf"'
    return answer
