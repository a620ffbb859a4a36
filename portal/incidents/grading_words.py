"""Why a grade is proposed, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.incidents import grading_rules
from portal.incidents.models import Incident
from portal.incidents.plan_data import Named, Plan
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed, locale, span, term


def reasons(because: Iterable[Mapping[str, Any]]) -> str:
    """The conditions that are met, each with its threshold."""
    return listed(_reason(one) for one in because)


def _reason(one: Mapping[str, Any]) -> str:
    code, least, value = one["code"], one["least"], one["value"]
    match code:
        case "extent":
            return term(f"extent.{value}")
        case "affected":
            return _("%(n)s customers affected (from %(least)s)", n=f"{value:,}", least=f"{least:,}")
        case "lasts":
            return _("will last %(n)s (from %(least)s)", n=span(value * 60), least=span(least * 60))
        case "linked":
            return _("%(n)s cases linked (from %(least)s)", n=value, least=least)
        case "attention":
            return term(f"attention.{value}")
    return _("the core service is down")


def conditions(row: Named) -> str:
    """From when a grade, or a service problem, is proposed, in one line."""
    return _(" or ").join(each_condition(row))


def each_condition(row: Named) -> list[str]:
    """The conditions of a grade, or of a service problem, any one of which is enough."""
    facts, found = row.facts, []
    if facts.get("extent"):
        found.append(term(f"extent.{facts['extent']}"))
    if facts.get("affected"):
        found.append(_("%(n)s customers and more", n=f"{facts['affected']:,}"))
    if facts.get("core"):
        found.append(_("the core service is down"))
    if facts.get("lasts"):
        found.append(_("%(span)s and longer", span=span(facts["lasts"] * 60)))
    if facts.get("attention"):
        found.append(term(f"attention.{facts['attention']}"))
    if facts.get("linked"):
        found.append(_("%(n)s linked cases and more", n=facts["linked"]))
    return found


def proposal(plan: Plan, incident: Incident, linked: int = 0) -> str:
    """The proposed grade with its reasons, and what the same is on the scale of service problems."""
    answers = grading_rules.answers_of(incident, linked)
    found = grading_rules.propose(plan, answers)
    because = reasons(found.because) or _("no higher condition is met")
    words = _("Proposed: %(grade)s. Because: %(why)s.", grade=plan.grades[found.grade].word(locale()), why=because)
    row = grading_rules.problem(plan, answers)
    return f"{words}\n" + _(
        "As a service problem: %(word)s, %(handled)s.", word=row.word(locale()), handled=handled(row)
    )


def handled(row: Named) -> str:
    """What a service problem of this degree leads to."""
    if row.facts.get("incident"):
        return _("handled as an incident")
    return _("handled as cases of %(levels)s", levels="/".join(row.facts["levels"]))
