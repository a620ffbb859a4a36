"""URLs of standard wording and knowledge articles: lists, one text, its draft, its review."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.rules import may_review
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused
from portal.kernel.i18n import local
from portal.knowledge import actions, pages, queries, rules
from portal.knowledge.forms import ApproveForm, WordsForm, codes_of, show, text_form

REVIEW_AFTER = 180  # days [H]: a new article proposes to be looked at again after half a year
SAID = {
    "write": _l("The draft is kept. It is offered to nobody until somebody else has approved it."),
    "hand_in": _l("Handed in. Somebody who had no hand in it can approve it or send it back."),
    "decline": _l("Sent back with your reason."),
    "discard": _l("The draft is discarded; it stays readable."),
    "approve": _l("Approved."),
}


def index(kind: str) -> Any:
    """All of them, by step and channel or by category, or those that answer a search."""
    allow(current_actor(), f"{kind}.view")
    names = ("step", "channel") if kind == "wording" else ("request_type", "category")
    chosen = {name: request.args.get(name, "")[:20] for name in names}
    query = request.args.get("q", "")[:200]
    found = pages.rows(kind, clock.now(), query, chosen)
    families = {"step": "step", "channel": "channel", "request_type": "type", "category": "category"}
    options = {name: rules.STEPS if name == "step" else codes_of(families[name]) for name in names}
    return render_template(
        f"knowledge/{kind}s.html", kind=kind, rows=found, chosen=chosen, q=query, options=options, families=families
    )


def new(kind: str) -> Any:
    """The empty form."""
    allow(current_actor(), f"{kind}.draft")
    form = text_form(kind, empty=True)
    form.key.data = secrets.token_urlsafe(16)
    if kind == "article":
        day = local(int(clock.now().timestamp()) + REVIEW_AFTER * 86400).date()
        form.owner.data, form.review_on.data = str(current_actor().id), day.isoformat()
        for name in ("request_type", "category"):
            form[name].data = request.args.get(name, form[name].choices[0][0])
    return edit_page(kind, "", form)


def make(kind: str) -> Any:
    """Keeps a first draft; a second post of the same form finds it."""
    return _written(kind, "")


def preview(kind: str) -> Any:
    """What the text on the form would say of a sample case; nothing is kept."""
    allow(current_actor(), f"{kind}.draft")
    form = text_form("wording")
    return render_template("knowledge/_preview.html", previews=pages.previews(form.texts(), clock.now()), kind=kind)


def one(kind: str, slug: str) -> Any:
    """One text: what holds, what is drafted, all versions and what may be done."""
    allow(current_actor(), f"{kind}.view")
    return _one_page(kind, slug)


def edit(kind: str, slug: str) -> Any:
    """The form of the open draft, or of the next version."""
    allow(current_actor(), f"{kind}.draft")
    facts = pages.one(kind, slug, clock.now())
    draft = facts["draft"]
    if draft is not None:
        rules.must_be(draft.state, "draft")
    form = text_form(kind, empty=True)
    form.put((draft or facts["held"] or facts["shown"]).data)
    form.seen.data = str(draft.revision if draft else 0)
    return edit_page(kind, slug, form)


def change(kind: str, slug: str) -> Any:
    """Keeps what was written as the draft."""
    return _written(kind, slug)


def act(kind: str, slug: str, step: str) -> Any:
    """Hands the draft in, discards, sends back or approves it."""
    form: Any = ApproveForm(prefix=step) if step == "approve" else WordsForm(prefix=step)
    try:
        with transaction():
            _deed(step)(current_actor(), clock.now(), kind, slug, form)
    except Invalid as refused:
        show(form, refused)
        return _one_page(kind, slug, form, step), 422
    flash(str(SAID[step]), "ok")
    return redirect(url_for(f"{kind}s.one", slug=slug), 303)


def edit_page(kind: str, slug: str, form: Any) -> Any:
    """The form with its live preview."""
    texts = pages.previews(form.texts(), clock.now()) if kind == "wording" else []
    return render_template("knowledge/edit.html", kind=kind, slug=slug, form=form, previews=texts, places=rules.PLACES)


def _written(kind: str, slug: str) -> Any:
    actor, now, form = current_actor(), clock.now(), text_form(kind)
    allow(actor, f"{kind}.draft")
    try:
        data = form.document()
        with transaction():
            if slug:
                seen = int(form.seen.data) if (form.seen.data or "").isdigit() else None
                draft = actions.write(actor, now, kind, slug, data, seen=seen)
            else:
                draft = actions.write_new(actor, now, kind, data, key=form.key.data or "")
    except Refused as refused:
        if not isinstance(refused, Invalid) and refused.code != "knowledge_changed":
            raise
        show(form, refused)
        if refused.code == "knowledge_changed":
            open_now = queries.open_draft(kind, slug)
            form.seen.data = str(open_now.revision if open_now else 0)
        return edit_page(kind, slug, form), refused.status
    flash(str(SAID["write"]), "ok")
    return redirect(url_for(f"{kind}s.one", slug=draft.code), 303)


def _deed(step: str) -> Callable[[Actor, datetime, str, str, Any], Any]:
    """What a button does. Raises Missing for anything else."""
    deeds: dict[str, Callable[[Actor, datetime, str, str, Any], Any]] = {
        "hand_in": lambda who, now, kind, code, form: actions.hand_in(who, now, kind, code, form.why.data or ""),
        "discard": lambda who, now, kind, code, form: actions.discard(who, now, kind, code, form.why.data or ""),
        "decline": lambda who, now, kind, code, form: actions.decline(who, now, kind, code, form.why.data or ""),
        "approve": lambda who, now, kind, code, form: actions.approve(
            who, now, kind, code, form.chosen(), form.why.data or ""
        ),
    }
    if step not in deeds:
        raise Missing("not_found")
    return deeds[step]


def _one_page(kind: str, slug: str, form: Any = None, step: str = "") -> Any:
    """The page of a text; a refused form stands in the place of its own."""
    now, wanted = clock.now(), request.args.get("version", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 8 else None
    facts = pages.one(kind, slug, now, number)
    forms: dict[str, Any] = {name: WordsForm(None, prefix=name) for name in ("hand_in", "discard", "decline")}
    forms["approve"] = ApproveForm(None, prefix="approve")
    if form is not None:
        forms[step] = form
    draft = facts["draft"]
    own = draft is not None and not may_review(current_actor().id, draft.data["hands"])
    texts = pages.previews(facts["shown"].data, now) if kind == "wording" else []
    return render_template(
        "knowledge/one.html", kind=kind, slug=slug, forms=forms, refused=form, own=own, previews=texts, now=now, **facts
    )


def blueprint(kind: str) -> Blueprint:
    """The same pages for one kind, under its own address."""
    made = Blueprint(f"{kind}s", __name__, url_prefix=f"/knowledge/{kind}", url_defaults={"kind": kind})
    made.get("", endpoint="index")(index)
    made.get("/new", endpoint="new")(new)
    made.post("/new", endpoint="make")(make)
    if kind == "wording":
        made.post("/preview", endpoint="preview")(preview)
    made.get("/<slug>", endpoint="one")(one)
    made.get("/<slug>/edit", endpoint="edit")(edit)
    made.post("/<slug>/edit", endpoint="change")(change)
    made.post("/<slug>/do/<step>", endpoint="act")(act)
    return made


BLUEPRINTS = tuple(blueprint(kind) for kind in rules.KINDS)
