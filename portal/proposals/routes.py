"""Pages of what proposes: rules and scores in force, drafts and their review, a trial, the share overruled."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused
from portal.proposals import actions, book, documents, queries
from portal.proposals.forms import RuleForm, TrialForm, WhyForm, show
from portal.proposals.models import ProposalVersion

bp = Blueprint("proposals", __name__, url_prefix="/admin/proposals")
BLUEPRINTS = (bp,)
LONGEST_TRIAL = 8_000
SAID = {
    "open": _l("The draft is open. Choose a rule to change it, or add one."),
    "row": _l("The rule is written in the draft."),
    "drop": _l("The rule is taken out of the draft."),
    "hand_in": _l("Handed in. Somebody who had no hand in it can approve it or send it back."),
    "send_back": _l("Sent back with your reason."),
    "discard": _l("The draft is discarded; it stays readable."),
    "approve": _l("Approved. Every request from now on is proposed by it."),
}


@bp.get("")
def index() -> Any:
    """The rules in force, all versions, and how often they were overruled."""
    allow(current_actor(), "proposals.view")
    return _index(WhyForm())


@bp.post("")
def open_draft() -> Any:
    """Opens a draft from the rules in force."""
    actor, form = current_actor(), WhyForm()
    try:
        with transaction():
            draft = actions.open_draft(actor, clock.now(), form.why.data or "")
    except Invalid as refused:
        show(form, refused)
        return _index(form), 422
    return _done("open", draft.version)


@bp.get("/<int:version>")
def one(version: int) -> Any:
    """One version of the rules, what it changes, and what may be done with it."""
    allow(current_actor(), "proposals.view")
    return _one(queries.version(version))


@bp.post("/<int:version>/try")
def try_text(version: int) -> Any:
    """What a text would be proposed by this version and the score in force; nothing is kept."""
    allow(current_actor(), "proposals.view")
    row, form = queries.version(version), TrialForm()
    text = (form.text.data or "").strip()
    if not text or len(text) > LONGEST_TRIAL:
        why = Invalid("proposal_text_long", most=LONGEST_TRIAL) if text else Invalid("proposal_no_text")
        show(form, why)
        return _one(row, trial=form), 422
    tried = book.in_force()._replace(rules=documents.rules_of(row.data), rules_version=version)
    return _one(row, trial=form, tried=book.propose(text, book=tried))


@bp.post("/<int:version>/do/<step>")
def act(version: int, step: str) -> Any:
    """Hands a draft in, sends it back, discards or approves it."""
    actor, now, form = current_actor(), clock.now(), WhyForm(prefix=step)
    deed = DEEDS.get(step)
    if deed is None:
        raise Missing("not_found")
    try:
        with transaction():
            deed(actor, now, version, form.why.data or "")
    except Invalid as refused:
        show(form, refused)
        return _one(queries.version(version), refused=(step, form)), 422
    return _done(step, version)


@bp.get("/<int:version>/rule", defaults={"row_id": ""})
@bp.get("/<int:version>/rule/<row_id>")
def rule(version: int, row_id: str) -> Any:
    """The form of one rule of a draft, or of a new one."""
    allow(current_actor(), "proposals.draft")
    draft = queries.version(version)
    form = RuleForm(None)
    if row_id:
        form.put(documents.row_in(draft.data, row_id))
    return _rule(draft, row_id, form)


@bp.post("/<int:version>/rule", defaults={"row_id": ""})
@bp.post("/<int:version>/rule/<row_id>")
def write(version: int, row_id: str) -> Any:
    """Writes one rule of a draft."""
    actor, form = current_actor(), RuleForm()
    try:
        with transaction():
            actions.put_row(actor, clock.now(), version, row_id, form.typed(), seen=form.seen.data or None)
    except Refused as refused:
        if "field" not in refused.facts:
            raise
        show(form, refused)
        return _rule(queries.version(version), row_id, form), refused.status
    return _done("row", version)


@bp.post("/<int:version>/rule/<row_id>/drop")
def drop(version: int, row_id: str) -> Any:
    """Takes a rule out of a draft."""
    with transaction():
        actions.drop_row(current_actor(), clock.now(), version, row_id)
    return _done("drop", version)


DEEDS: dict[str, Callable[[Actor, datetime, int, str], Any]] = {
    "hand_in": actions.hand_in, "send_back": actions.send_back, "discard": actions.discard, "approve": actions.approve,
}  # fmt: skip


def _done(what: str, version: int) -> Any:
    flash(str(SAID[what]), "ok")
    return redirect(url_for("proposals.one", version=version), 303)


def _index(form: WhyForm) -> Any:
    rules, scores = queries.versions("rules"), queries.versions("score")
    return render_template(
        "proposals/index.html", form=form, versions=rules, scores=scores, held=queries.newest_rules(),
        overruled=queries.overruled(), names=_names([*rules, *scores]), units=queries.departments(),
        trial=TrialForm(None), looked_at=queries.LOOKED_AT,
    )  # fmt: skip


def _one(version: ProposalVersion, *, trial: Any = None, tried: Any = None, refused: Any = None) -> Any:
    """The page of a version; a refused form stands in the place of its own."""
    held = queries.newest_rules()
    base = queries.version(version.data["base"]) if "base" in version.data else None
    forms = {name: WhyForm(None, prefix=name) for name in DEEDS}
    if refused:
        forms[refused[0]] = refused[1]
    return render_template(
        "proposals/version.html", version=version, base=base, held=held, forms=forms, names=_names([version]),
        changes=list(documents.differences(base.data, version.data)) if base else [],
        own=current_actor().id in version.data.get("hands", ()), units=queries.departments(),
        refused=refused[1] if refused else None, trial=trial or TrialForm(None), tried=tried,
    )  # fmt: skip


def _rule(draft: ProposalVersion, row_id: str, form: RuleForm) -> Any:
    if draft.state != "draft":
        raise Refused("proposal_in_other_state", version=draft.version, state=f"term:proposal_state.{draft.state}")
    form.offer(queries.departments())
    return render_template("proposals/rule.html", draft=draft, row_id=row_id, form=form)


def _names(versions: list[ProposalVersion]) -> dict[int, str]:
    return queries.names({who for v in versions for who in (v.by_id, v.reviewed_by) if who})
