"""Restricting a case to named readers, from its page (AR6)."""

from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from portal.cases import guard_actions
from portal.cases.guard import GROUNDS
from portal.cases.models import Case
from portal.cases.rules import STATES
from portal.desk.case_forms import DeedForm, words_field
from portal.desk.deed import Deed, fields
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.intake.forms import choices
from portal.kernel.forms import SelectField

ANY = frozenset(STATES)


class RestrictForm(DeedForm):
    """Who alone reads the case from now on, and why."""

    ground = SelectField(_l("Why"), choices=lambda: choices("restricted", GROUNDS))
    readers = SelectMultipleField(_l("Who may read it"), coerce=int)
    reason = words_field(_l("Reason"), 400)


class LiftForm(DeedForm):
    """Why everybody may read it again."""

    reason = words_field(_l("Reason"), 400)


def _restrict(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    guard_actions.restrict(
        actor, now, case, readers=form.readers.data or [], ground=form.ground.data or "", reason=form.reason.data or ""
    )


DEEDS: dict[str, Deed] = {
    "restrict": Deed("case.restrict", RestrictForm, _restrict, ANY, "", "eye"),
    "unrestrict": Deed(
        "case.restrict", LiftForm, fields(guard_actions.lift, "reason"), ANY, "", "eye", lambda c: bool(c.restricted)
    ),
}  # fmt: skip


class Free(NamedTuple):
    """A case as policy sees it without its restriction."""

    unit_ids: frozenset[int]
    partner_ids: frozenset[int]


def fill(form: Any, case: Case) -> None:
    """Those who could read the case if it were not restricted; those who may now are ticked."""
    if "readers" in form:
        able = [one for one in people.everybody() if may(one, "case.view", Free(case.unit_ids, case.partner_ids))]
        form.readers.choices = [(one.id, one.name) for one in able]
        if not form.is_submitted():
            form.readers.data = list(case.readers or filter(None, [case.owner_id]))
