"""Which grade the answers propose and why: any one condition of a grade that is met is enough (EM1). Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from portal.incidents.plan_data import ATTENTION, EXTENTS, Named, Plan
from portal.kernel.errors import Invalid


class Answers(NamedTuple):
    """What is known of how bad it is: how far it reaches, customers affected, core service down, minutes it will last
    (None: not known), public attention, linked cases."""

    extent: str
    affected: int | None = None
    core: bool = False
    lasts: int | None = None
    attention: str = "none"
    linked: int = 0


class Proposal(NamedTuple):
    """The grade proposed and the conditions of it that are met, each with its code, threshold and value."""

    grade: str
    because: tuple[dict[str, Any], ...]


def answers_of(incident: Any, linked: int = 0) -> Answers:
    """The answers as an incident keeps them now."""
    kept = incident.grading or {}
    return Answers(
        incident.extent, incident.affected, bool(kept.get("core")), kept.get("lasts"), kept.get("attention", "none"),
        linked,
    )  # fmt: skip


def propose(plan: Plan, answers: Answers) -> Proposal:
    """The highest grade of which any condition is met; the lowest where none is."""
    found = Proposal(next(iter(plan.grades)), ())
    for code, grade in plan.grades.items():
        because = met(grade, answers)
        if because:
            found = Proposal(code, because)
    return found


def met(row: Named, answers: Answers) -> tuple[dict[str, Any], ...]:
    """The conditions of a grade (or of a service problem) that these answers meet."""
    facts, found = row.facts, []
    if facts.get("extent") and EXTENTS.index(answers.extent) >= EXTENTS.index(facts["extent"]):
        found.append({"code": "extent", "least": facts["extent"], "value": answers.extent})
    for name in ("affected", "lasts", "linked"):
        value = getattr(answers, name)
        if facts.get(name) and value is not None and value >= facts[name]:
            found.append({"code": name, "least": facts[name], "value": value})
    if facts.get("core") and answers.core:
        found.append({"code": "core", "least": True, "value": True})
    wanted = facts.get("attention")
    if wanted and ATTENTION.index(answers.attention) >= ATTENTION.index(wanted):
        found.append({"code": "attention", "least": wanted, "value": answers.attention})
    return tuple(found)


def problem(plan: Plan, answers: Answers) -> Named:
    """The same on the scale of service problems."""
    rows = list(plan.problems.values())
    found = rows[0]
    for row in rows:
        if met(row, answers):
            found = row
    return found


def likely_class(plan: Plan, text: str) -> str:
    """The class whose keywords the text holds most of, then the one named first; else the plan's first."""
    found = {code: words_in(text, row.facts["keywords"]) for code, row in plan.classes.items()}
    return max(found, key=lambda code: (len(found[code]), -min(found[code].values(), default=len(text))))


def words_in(text: str, keywords: Iterable[str]) -> dict[str, int]:
    """Where each keyword stands that the text holds, whatever its case; Latin ones stand as words of their own."""
    found = {}
    for word in keywords:
        edge = r"\b" if word.isascii() else ""
        hit = re.search(f"{edge}{re.escape(word)}{edge}", text, re.IGNORECASE)
        if hit:
            found[word] = hit.start()
    return found


def higher(plan: Plan, one: str, other: str) -> bool:
    """Whether a grade stands above another."""
    order = list(plan.grades)
    return order.index(one) > order.index(other)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers beside extent and customers, as an incident keeps them. Raises Invalid."""
    attention, lasts = values.get("attention") or "none", values.get("lasts")
    if attention not in ATTENTION:
        raise Invalid("not_on_scale", field="attention")
    if lasts is not None and lasts < 0:
        raise Invalid("not_on_scale", field="lasts")
    return {"core": bool(values.get("core")), "lasts": lasts, "attention": attention}
