"""What the proposals say of a case that is to be judged: the department that fits its text, and the words behind it."""

from collections.abc import Mapping
from typing import Any

from portal.cases.models import Case
from portal.cases.rules import lead
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed
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
        return lead(case), ""
    return proposed.value, _("Proposed because of: %(words)s", words=listed(f"“{word}”" for word in proposed.words))
