"""Pages of the policy: limits by level and channel, drafts, review, comparison."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from portal.clocks import (
    further_pages,
    ladder_pages,
    ladder_view,
    policy_actions,
    policy_drafts,
    policy_queries,
    policy_trial,
    policy_view,
)
from portal.clocks.models import PolicyVersion
from portal.clocks.policy_forms import ApproveForm, CellForm, CombineForm, SpecialForm, WordsForm, opened, show
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused
from portal.kernel.i18n import local

bp = Blueprint("policies", __name__, url_prefix="/admin/policy")
policy_trial.register(bp)
ladder_pages.register(bp)
further_pages.register(bp)
SAID = {
    "open": _l("The draft is open. Choose a limit in the tables to change it."),
    "cell": _l("The limit is changed in the draft."),
    "special": _l("The draft has one more limit."),
    "combine": _l("The way of combining is changed in the draft."),
    "hand_in": _l("Handed in. Somebody who had no hand in it can approve it or send it back."),
    "send_back": _l("Sent back with your reason."),
    "discard": _l("The draft is discarded; it stays readable."),
    "approve": _l("Approved. Cases received from that day on are measured by it; running cases keep their version."),
}


@bp.get("")
def index() -> Any:
    """The version in force as tables, and all versions."""
    allow(current_actor(), "policy.view")
    return _index(WordsForm())


@bp.post("")
def open_draft() -> Any:
    """Opens a draft from the newest approved version."""
    actor, form = current_actor(), WordsForm()
    try:
        with transaction():
            draft = policy_actions.open_draft(actor, clock.now(), form.why.data or "")
    except Invalid as refused:
        show(form, refused)
        return _index(form), 422
    return _done("open", draft.version)


@bp.get("/<int:version>")
def one(version: int) -> Any:
    """One version: its tables, what it changes, and what may be done with it."""
    allow(current_actor(), "policy.view")
    return _one_page(policy_queries.version(version))


@bp.post("/<int:version>/do/<step>")
def act(version: int, step: str) -> Any:
    """Hands a draft in, sends it back, discards or approves it."""
    actor, now = current_actor(), clock.now()
    form: Any = ApproveForm(prefix=step) if step == "approve" else WordsForm(prefix=step)
    try:
        with transaction():
            _deed(step)(actor, now, version, form)
    except Invalid as refused:
        show(form, refused)
        return _one_page(policy_queries.version(version), form, step), 422
    return _done(step, version)


@bp.get("/<int:version>/cell/<row_id>")
def cell(version: int, row_id: str) -> Any:
    """The form of one limit of a draft."""
    allow(current_actor(), "policy.draft")
    return _cell_page(policy_queries.version(version), row_id)


@bp.post("/<int:version>/cell/<row_id>")
def change(version: int, row_id: str) -> Any:
    """Writes one limit of a draft."""
    actor, form = current_actor(), CellForm()
    allow(actor, "policy.draft")
    draft = policy_queries.version(version)
    old = _cell(draft, row_id)
    try:
        typed = form.cell(old)
        with transaction():
            seen = opened(form.seen.data or "")
            policy_actions.change_cell(actor, clock.now(), version, row_id, typed, seen=seen)
    except Refused as refused:
        if "field" not in refused.facts:
            raise
        show(form, refused)
        return _cell_page(policy_queries.version(version), row_id, form=form), refused.status
    return _done("cell", version)


@bp.post("/<int:version>/cell/<row_id>/special")
def special(version: int, row_id: str) -> Any:
    """Adds a limit beside another for a class of customers or a type of request alone."""
    actor, form = current_actor(), SpecialForm(prefix="special")
    allow(actor, "policy.draft")
    now, draft = clock.now(), policy_queries.version(version)
    old = _cell(draft, row_id)
    form.offer(policy_queries.calendars(now))
    if not form.validate():
        return _cell_page(draft, row_id, special=form), 422
    try:
        typed = form.cell(old)
        with transaction():
            policy_actions.add_special(
                actor, now, version, row_id, form.customer_class.data, form.request_type.data, typed
            )
    except Invalid as refused:
        show(form, refused)
        return _cell_page(policy_queries.version(version), row_id, special=form), 422
    return _done("special", version)


@bp.post("/<int:version>/combine/<row_id>")
def combine(version: int, row_id: str) -> Any:
    """Says anew how level and channel of this limit's kind combine."""
    actor, form = current_actor(), CombineForm(prefix="combine")
    allow(actor, "policy.draft")
    kind = _row(policy_queries.version(version), row_id)["kind"]
    with transaction():
        policy_actions.change_combine(actor, clock.now(), version, kind, form.chosen())
    return _done("combine", version)


@bp.get("/<int:version>/compare")
def compare(version: int) -> Any:
    """What a version says differently from another, by default from the one it was opened from."""
    allow(current_actor(), "policy.view")
    new = policy_queries.version(version)
    wanted = request.args.get("with", "")
    known = [v.version for v in policy_queries.versions() if v.version != version]
    number = int(wanted) if wanted.isdigit() and len(wanted) < 10 else _base_number(new)
    old = policy_queries.version(number)
    lines = policy_view.changes(old.data, new.data)
    return render_template("clocks/policy_compare.html", old=old, new=new, lines=lines, known=known)


def _deed(step: str) -> Callable[[Actor, datetime, int, Any], Any]:
    """What a button of a version's page does. Raises Missing for anything else."""
    deeds: dict[str, Callable[[Actor, datetime, int, Any], Any]] = {
        "hand_in": lambda who, now, n, form: policy_actions.hand_in(who, now, n, form.why.data or ""),
        "send_back": lambda who, now, n, form: policy_actions.send_back(who, now, n, form.why.data or ""),
        "discard": lambda who, now, n, form: policy_actions.discard(who, now, n, form.why.data or ""),
        "approve": lambda who, now, n, form: policy_actions.approve(who, now, n, form.chosen(), form.why.data or ""),
    }
    if step not in deeds:
        raise Missing("not_found")
    return deeds[step]


def _done(what: str, version: int) -> Any:
    flash(str(SAID[what]), "ok")
    return redirect(url_for("policies.one", version=version), 303)


def _index(form: WordsForm) -> Any:
    now = clock.now()
    versions, number = policy_queries.versions(), policy_queries.in_force(now)
    held = policy_queries.version(number)
    return render_template(
        "clocks/policy.html", form=form, versions=versions, held=held, names=_names(versions), **_tables(held, None)
    )


def _one_page(version: PolicyVersion, form: Any = None, step: str = "") -> Any:
    """The page of a version; a refused form stands in the place of its own."""
    base = policy_queries.version(_base_number(version)) if version.version > 1 else None
    differs = version.state != "effective" and base is not None
    forms: dict[str, Any] = {name: WordsForm(None, prefix=name) for name in ("hand_in", "send_back", "discard")}
    forms["approve"] = ApproveForm(None, prefix="approve")
    forms["approve"].day.data = local(clock.now()).date().isoformat()
    if form is not None:
        forms[step] = form
    lines = policy_view.changes(base.data, version.data) if base is not None else []
    return render_template(
        "clocks/policy_version.html", version=version, base=base, forms=forms, names=_names([version]), lines=lines,
        own=current_actor().id in version.data.get("hands", ()), refused=form,
        **_tables(version, base if differs else None),
    )  # fmt: skip


def _cell_page(draft: PolicyVersion, row_id: str, *, form: Any = None, special: Any = None) -> Any:
    """The forms of one limit."""
    row, old = _row(draft, row_id), _cell(draft, row_id)
    if draft.state != "draft":
        raise Refused("policy_in_other_state", version=draft.version, state=f"term:policy_state.{draft.state}")
    calendars = policy_queries.calendars(clock.now())
    if form is None:
        form = CellForm(None)
        form.put(old)
    if special is None:
        special = SpecialForm(None, prefix="special")
        special.put(old)
    combining = CombineForm(None, prefix="combine")
    for one_form in (form, special):
        one_form.offer(calendars)
    combining.offer()
    for level, how in draft.data["combine"][row["kind"]].items():
        combining[level].data = how
    return render_template(
        "clocks/policy_cell.html", draft=draft, row=row, name=policy_view.name_of(row), form=form, special=special,
        combining=combining,
    )  # fmt: skip


def _tables(version: PolicyVersion, base: PolicyVersion | None) -> dict[str, Any]:
    old = base.data if base else None
    return {
        "grids": policy_view.grids(version.data, old, apart=version.state == "draft"),
        "others": policy_view.others(version.data, old),
        "combining": policy_view.combining(version.data, old),
        "ladder": ladder_view.lines(version.data, old),
        "further": policy_view.further_lines(version.data, old),
    }


def _names(versions: list[PolicyVersion]) -> dict[int, str]:
    return policy_queries.names({who for v in versions for who in (v.by_id, v.reviewed_by) if who})


def _base_number(version: PolicyVersion) -> int:
    """The version that another was opened from; the first one has only itself."""
    base: int = version.data.get("base", 1)
    return base


def _row(version: PolicyVersion, row_id: str) -> dict[str, Any]:
    row = policy_drafts.rows_by_id(version.data).get(row_id)
    if row is None:
        raise Missing("no_such_row", row=row_id[:60])
    return row


def _cell(version: PolicyVersion, row_id: str) -> policy_drafts.Cell:
    return policy_drafts.cell_of(_row(version, row_id), version.data)
