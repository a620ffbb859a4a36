"""The page on which a draft's further points are changed: silence, coming back, notices a minute."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from portal.clocks import further, policy_actions, policy_queries
from portal.clocks.ladder import LEVELS
from portal.clocks.models import PolicyVersion
from portal.clocks.policy_forms import show
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Refused, Stale
from portal.kernel.forms import Form

DONE = _l("The further points are changed in the draft.")


class FurtherForm(Form):
    """All points, as people write them."""

    stale_P1 = StringField(_l("%(level)s: no entry for", level="P1"))
    stale_P2 = StringField(_l("%(level)s: no entry for", level="P2"))
    stale_P3 = StringField(_l("%(level)s: no entry for", level="P3"))
    stale_P4 = StringField(_l("%(level)s: no entry for", level="P4"))
    reopen_days = StringField(_l("Days in which a closed case comes back"))
    notices_a_minute = StringField(_l("Single notices of limits a person gets in a minute"))
    seen = HiddenField()

    def put(self, data: Any) -> None:
        """Shows the points of a document as they are."""
        for name, text in further.points(data).items():
            self[name].data = text
        self.seen.data = further.sealed(data)

    def typed(self) -> dict[str, str]:
        """What was typed, point by point."""
        return {name: self[name].data or "" for name in further.POINTS}


def register(bp: Blueprint) -> None:
    """Adds the page to those of the policy."""
    bp.add_url_rule("/<int:version>/further", view_func=further_points, methods=["GET"])
    bp.add_url_rule("/<int:version>/further", view_func=change_further, methods=["POST"])


def further_points(version: int) -> Any:
    """The form of a draft's further points."""
    allow(current_actor(), "policy.draft")
    draft, form = policy_queries.version(version), FurtherForm(None)
    form.put(draft.data)
    return _page(draft, form)


def change_further(version: int) -> Any:
    """Writes the further points of a draft."""
    actor, now, form = current_actor(), clock.now(), FurtherForm()
    allow(actor, "policy.draft")
    try:
        with transaction():
            policy_actions.change_further(actor, now, version, form.typed(), seen=form.seen.data or "")
    except Refused as refused:
        if "field" not in refused.facts:
            raise
        show(form, refused)
        if isinstance(refused, Stale):
            form.seen.data = further.sealed(policy_queries.version(version).data)
        return _page(policy_queries.version(version), form), refused.status
    flash(str(DONE), "ok")
    return redirect(url_for("policies.one", version=version) + "#further", 303)


def _page(draft: PolicyVersion, form: FurtherForm) -> Any:
    if draft.state != "draft":
        raise Refused("policy_in_other_state", version=draft.version, state=f"term:policy_state.{draft.state}")
    return render_template("clocks/policy_further.html", draft=draft, form=form, levels=LEVELS)
