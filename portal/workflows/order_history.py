"""What happened to an order, in words, newest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from portal.identity import queries as people
from portal.identity.queries import unit_names
from portal.journal.stream import Line
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, term
from portal.workflows import queries
from portal.workflows.limits import Way
from portal.workflows.models import WorkOrder
from portal.workflows.order_forms import called
from portal.workflows.order_view import length, name_of


class Told(NamedTuple):
    """One entry of the history."""

    at: datetime
    head: str
    detail: str
    quote: str
    after: str
    late: bool


def told(order: WorkOrder, way: Way, lines: Iterable[Line] | None = None) -> list[Told]:
    """What happened, newest first, in words; of the journal, or of these lines of it."""
    who, units = people.names(), unit_names()
    steps = {step.n: step for step in order.steps}
    found = []
    for line in queries.history(order) if lines is None else lines:
        facts = line.facts
        step = steps.get(facts.get("n", 0))
        if step is not None and step.kind == "end":
            continue  # the end of the order says it
        head = term(f"order_event.{line.kind}")
        if step is not None:
            head = f"{head} · {name_of(way.definition, step)}"
        detail = _detail(way, line.kind, facts, step, units)
        words = next((str(facts[k]) for k in ("answer", "words", "note", "reason", "class_reason") if facts.get(k)), "")
        quote = words if line.kind not in ("Returned",) or facts.get("note") else ""
        found.append(Told(line.at, head, detail, quote, who.get(line.by_id, _("System")), bool(facts.get("late"))))
    return found


def _detail(way: Way, kind: str, facts: dict[str, Any], step: Any, units: dict[int, str]) -> str:
    """The second line of an entry."""
    parts = _parts(way, kind, facts, step, units)
    if facts.get("late"):
        parts.append(_("late by %(time)s", time=length(facts["late"])))
    return " · ".join(part for part in parts if part)


def _parts(way: Way, kind: str, facts: dict[str, Any], step: Any, units: dict[int, str]) -> list[str]:
    match kind:
        case "Raised":
            return _served(facts)
        case "StepBegun" | "SheetSent" | "HandedOver":
            return _begun(facts, units)
        case "Returned" | "Decided" if step is not None:
            return _chosen(way, facts, step)
        case "Reserved" | "ReservationProlonged" | "Paused":
            return [str(facts.get("what") or ""), _("until %(at)s", at=instant(facts["until"]))]
        case "DocumentAdded":
            return [facts["name"]]
        case "Held":
            return [facts["person"]]
        case "Ended":
            return [term(f"order_result.{facts['result']}")]
    return []


def _served(facts: dict[str, Any]) -> list[str]:
    """The class an order is served by, where somebody chose another than the customer's file says."""
    if not facts.get("class_reason"):
        return []
    code = facts.get("customer_class")
    return [_("Service class: %(name)s", name=term(f"customer_class.{code}") if code else _("As everybody"))]


def _begun(facts: dict[str, Any], units: dict[int, str]) -> list[str]:
    parts = [facts.get("party") or units.get(facts["unit_id"], ""), _("due %(at)s", at=instant(facts["due"]))]
    parts += [facts["sheet"]] if facts.get("sheet") else []
    return parts + ([_("round %(n)s", n=facts["round"])] if facts.get("round", 1) > 1 else [])


def _chosen(way: Way, facts: dict[str, Any], step: Any) -> list[str]:
    defined = way.definition.step(step.code)
    named = [*defined.outcomes, *(one for r in defined.returns for one in r.reasons)]
    code = facts.get("outcome") or facts.get("reason")
    parts = [called(one.name) for one in named if one.code == code][:1]
    if "to" in facts:
        parts.append(_("back to %(step)s", step=called(way.definition.step(facts["to"]).name)))
    return parts
