"""Dispatch rules in words: what one says, and who changed which of them when, what it said before and after (IN13)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.cases.telling import because_words
from portal.identity import queries as people
from portal.identity.queries import unit_name
from portal.intake.dispatch_queries import changes
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term


class Change(NamedTuple):
    """One line: when, who, what was done, to which rule; what it says, and before where that was changed."""

    at: datetime
    who: str
    what: str
    name: str
    says: str
    before: str


def trace() -> list[Change]:
    """The last changes of the rules, the newest first."""
    names, units = people.names(), {unit.id: unit_name(unit) for unit in people.departments()}
    found = []
    for line in changes():
        facts, what = line.facts, term(f"dispatch_change.{line.kind}")
        says, before = _said(facts, units, names), _before(facts, units, names)
        found.append(Change(line.at, names.get(line.by_id, ""), what, facts.get("name", ""), says, before))
    return found


def fits(facts: Mapping[str, Any]) -> str:
    """Which requests a rule is for."""
    conditions = [
        " / ".join(because_words([f"{name}:{value}"]) for value in values)
        for name, values in facts.get("conditions", {}).items()
    ]
    return _(", and ").join(conditions) or _("every request")


def _said(facts: Mapping[str, Any], units: Mapping[int, str], names: Mapping[int, str]) -> str:
    return f"{fits(facts)} → {goes_to(facts, units, names)}"


def goes_to(facts: Mapping[str, Any], units: Mapping[int, str], names: Mapping[int, str]) -> str:
    """The department, and who there."""
    parts = [units.get(facts.get("unit_id", 0), "")]
    if facts.get("person_id"):
        parts.append(names.get(facts["person_id"], ""))
    elif facts.get("on_shift"):
        parts.append(_("whoever is on shift, the one with the fewest open cases"))
    elif facts.get("least_loaded"):
        parts.append(_("whoever has the fewest open cases"))
    if facts.get("skill"):
        parts.append(_("with the skill %(skill)s first", skill=facts["skill"]))
    return " · ".join(parts)


def _before(facts: Mapping[str, Any], units: Mapping[int, str], names: Mapping[int, str]) -> str:
    old = facts.get("before")
    if not old:
        return ""
    renamed = f"{old['name']}: " if old["name"] != facts["name"] else ""
    return renamed + _said(old, units, names)
