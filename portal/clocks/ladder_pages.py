"""The page on which the escalation ladder of a draft is changed."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l

from portal.clocks import ladder_drafts, policy_actions, policy_queries
from portal.clocks.ladder_forms import MOST_STEPS, LadderForm, form_of
from portal.clocks.models import PolicyVersion
from portal.clocks.policy_forms import show
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Refused, Stale

DONE = _l("The escalation ladder is changed in the draft.")


def register(bp: Blueprint) -> None:
    """Adds the page to those of the policy."""
    bp.add_url_rule("/<int:version>/ladder", view_func=ladder, methods=["GET"])
    bp.add_url_rule("/<int:version>/ladder", view_func=change_ladder, methods=["POST"])


def ladder(version: int) -> Any:
    """The form of the ladder of a draft."""
    allow(current_actor(), "policy.draft")
    draft = policy_queries.version(version)
    form = _form(draft, None)
    form.put(draft.data)
    return _page(draft, form)


def change_ladder(version: int) -> Any:
    """Writes the ladder of a draft."""
    actor, now = current_actor(), clock.now()
    allow(actor, "policy.draft")
    draft = policy_queries.version(version)
    form = _form(draft)
    try:
        typed, share = form.typed()
        with transaction():
            policy_actions.change_ladder(actor, now, version, typed, share, seen=form.seen.data or "")
    except Refused as refused:
        if "field" not in refused.facts:
            raise
        form.place(refused)
        show(form, refused)
        if isinstance(refused, Stale):
            form.seen.data = ladder_drafts.sealed(policy_queries.version(version).data)
        return _page(policy_queries.version(version), form), refused.status
    flash(str(DONE), "ok")
    return redirect(url_for("policies.one", version=version) + "#ladder", 303)


def _form(draft: PolicyVersion, *posted: Any) -> LadderForm:
    """The form with the fields of the draft's steps and of one more."""
    steps = len(ladder_drafts.ladder_of(draft.data)["steps"])
    form = form_of(min(steps + 1, MOST_STEPS))(*posted)
    form.offer()
    return form


def _page(draft: PolicyVersion, form: LadderForm) -> Any:
    if draft.state != "draft":
        raise Refused("policy_in_other_state", version=draft.version, state=f"term:policy_state.{draft.state}")
    return render_template("clocks/policy_ladder.html", draft=draft, form=form)
