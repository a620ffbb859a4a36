"""What the proposals say of a case that is to be judged: the department that fits its text, and the words behind it."""

from collections.abc import Mapping
from typing import Any

from portal.cases import grounds
from portal.cases.models import Case
from portal.cases.rules import LEADS_OF_TYPE, lead
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed, term
from portal.proposals import book


def offer(form: Any, case: Case, units: Mapping[str, int]) -> None:
    """The judgement's form begins with the proposed department (`units`: id by code) and says why; a choice is kept."""
    if not case.level:
        del form.changed
    code, form.unit.description = department(case)
    if form.unit.data is None:
        form.unit.data = units.get(code, case.unit_id)


def department(case: Case) -> tuple[str, str]:
    """(code of the department to begin with, why): by the case's text as it stands, else by its type and level.

    A case that was judged before keeps to its type and level: the supervisor has decided.
    """
    proposed = book.propose(f"{case.description} {case.symptom}", case.urgency).fields["department"]
    by_type = proposed.by == "type" and proposed.value != lead(case)  # the agent has chosen another type
    if case.level or by_type or proposed.by == "none" or not proposed.words:
        return lead(case), _why_lead(case)
    return proposed.value, _("Proposed because of: %(words)s", words=listed(f"“{word}”" for word in proposed.words))


def _why_lead(case: Case) -> str:
    """Why this department stands there first, where no words of the text led to it."""
    if case.request_type in LEADS_OF_TYPE:
        return _("Preset by the type of the request (%(type)s).", type=term(f"type.{case.request_type}"))
    return _("Preset by the level (%(level)s).", level=case.level_now)


def level_of(form: Any) -> str:
    """The level that the grounds chosen in the judgement's form propose; empty until both are chosen, or elsewhere."""
    if "impact" not in form:
        return ""
    return grounds.proposed(str(form.impact.data or ""), str(form.urgency.data or ""), bool(form.harm.data))
