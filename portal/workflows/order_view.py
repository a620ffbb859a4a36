"""An order as its page shows it: facts in words, steps with their holders and times, whose time was used, history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

from portal.clocks.deadlines import state_of
from portal.identity.queries import unit_names
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale, term
from portal.kernel.instants import epoch
from portal.workflows import limits, used
from portal.workflows.definition import Definition, Evidence
from portal.workflows.limits import Way
from portal.workflows.models import OrderStep, WorkOrder
from portal.workflows.order_forms import called
from portal.workflows.picture import drawn


class Timer(NamedTuple):
    """A countdown for the page's timer; `text` where it stands still."""

    kind: str
    state: str
    due: int
    started: int
    warn: int | None
    text: str


@dataclass(frozen=True)
class Line:
    """One row of the table of steps. `said` are its evidence and words: (label, value)."""

    step: OrderStep
    name: str
    unit: str
    timer: Timer | None
    late: str
    said: tuple[tuple[str, str], ...]
    files: tuple[Any, ...]


def timer_of(order: WorkOrder, row: Any, now: datetime) -> Timer:
    """The countdown of an open step, or of the whole order."""
    warn = epoch(row.warn_at) if row.warn_at else None
    paused = epoch(order.paused_at) if order.paused_at else None
    state = state_of(epoch(now), epoch(row.due_at), warn, None, paused)
    text = _("waits for the customer") if state == "paused" else ""
    return Timer(
        "step",
        state,
        epoch(row.due_at),
        limits.began(row) if hasattr(row, "spans") else epoch(row.started_at),
        warn,
        text,
    )


def _value(one: Evidence, value: Any) -> str:
    if one.kind == "check":
        return _("Yes")
    if one.kind == "choice":
        return next((called(c.name) for c in one.choices if c.code == value), str(value))
    return str(value)


def facts_in_words(wanted: tuple[Evidence, ...], facts: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Typed facts as (label, value) in the reader's language, in the definition's order."""
    return tuple((called(one.name), _value(one, facts[one.code])) for one in wanted if one.code in facts)


def name_of(definition: Definition, step: Any) -> str:
    """What a step is called; a sheet by the name of its paper."""
    defined = definition.by_code.get(step.code)
    if defined is None:
        return str(step.code)
    return called(defined.sheet) if step.kind == "sheet" and defined.sheet else called(defined.name)


def _said(way: Way, step: OrderStep) -> tuple[tuple[str, str], ...]:
    defined = way.definition.step(step.code)
    found: list[tuple[str, str]] = []
    if step.kind == "sheet":
        found = [(_("What is asked"), step.words)]
        found += [(_("Feedback"), str(step.facts["answer"]))] if "answer" in step.facts else []
        found += [(_("Withdrawn, because"), str(step.facts["withdrawn"]))] if "withdrawn" in step.facts else []
    else:
        found += [(_("Decision"), called(o.name)) for o in defined.outcomes if o.code == step.outcome]
        reasons = [one for r in defined.returns for one in r.reasons if one.code == step.outcome]
        if step.state == "returned":
            found += [(_("Sent back, because"), called(one.name)) for one in reasons[:1]]
        found += facts_in_words(defined.evidence, step.facts)
        found += [(_("Said"), step.words)] if step.words else []
    found += [(_("Their number"), step.outside_no)] if step.outside_no else []
    return tuple(found)


def lines(order: WorkOrder, way: Way, now: datetime) -> list[Line]:
    """The steps in order, each step's sheets behind it; ends of the flow are no rows."""
    names, found = unit_names(), []
    for step in sorted(order.steps, key=lambda s: (s.parent or s.n, s.n)):
        if step.kind == "end":
            continue
        spent = used.overrun(order, step, way.calendars, now)
        unit, outside = names.get(step.unit_id, ""), step.party or _("Outside the portal")
        found.append(
            Line(
                step, name_of(way.definition, step), f"{outside} ({unit})" if step.outside else unit,
                timer_of(order, step, now) if step.state == "open" else None,
                length(spent) if spent else "", _said(way, step),
                tuple(file for file in order.files if file.n == step.n),
            )
        )  # fmt: skip
    return found


def length(working: int) -> str:
    """Working seconds in words, hours and minutes of working time."""
    hours, minutes = working // 3600, working % 3600 // 60
    return _("%(h)s h %(m)s min", h=hours, m=f"{minutes:02d}") if hours else _("%(m)s min", m=minutes)


class Spent(NamedTuple):
    """One unit's time on an order, in words; `percent` of all that was used."""

    unit: str
    time: str
    percent: int
    late: str
    share: str


def spent(order: WorkOrder, way: Way, now: datetime) -> list[Spent]:
    """The time used by each unit, most first, and whose the lateness is."""
    names = unit_names() | {used.ELSEWHERE: _("Outside the portal")}
    end = order.ended_at or now
    times = used.by_unit(order, way.calendars, epoch(end))
    beyond, shares = used.overruns(order, way.calendars, end), used.shares(order, way.calendars, end)
    whole = sum(times.values()) or 1
    return [
        Spent(
            names.get(unit, ""), length(times[unit]), round(100 * times[unit] / whole),
            length(beyond[unit]) if unit in beyond else "", length(shares[unit]) if unit in shares else "",
        )
        for unit in sorted(times, key=lambda u: -times[u])
    ]  # fmt: skip


PICTURED = {"open": "running", "cancelled": "untaken", "reset": "returned", "returned": "waiting"}


def pictured(order: WorkOrder, now: datetime) -> dict[str, str]:
    """How each step stands, as the picture of the flow marks it."""
    found = {}
    for step in order.steps:
        if step.kind != "sheet":
            late = step.state == "open" and step.due_at < now and not order.paused_at
            found[step.code] = "late" if late else PICTURED.get(step.state, step.state)
    return found


def pictures(order: WorkOrder, way: Way, now: datetime) -> list[Markup]:
    """The flow for wide screens and for phones, with how each of its steps stands on this order."""
    names, called_so = unit_names(), {}
    for step in way.definition.steps:
        if step.holder in way.unit_ids:
            called_so[step.holder] = names[way.unit_ids[step.holder]]
        elif step.holder:
            called_so[step.holder] = term(f"holder.{step.holder}")
    lang: Literal["zh", "en"] = "en" if locale() == "en" else "zh"
    states = pictured(order, now)
    return [
        drawn(way.definition, states, lang, names=called_so, name=f"order-{'tall' if down else 'wide'}", down=down)
        for down in (False, True)
    ]


def present(order: WorkOrder) -> list[OrderStep]:
    """The open steps, the most pressing first, sheets apart."""
    return sorted((s for s in order.steps if s.state == "open" and s.kind != "sheet"), key=lambda s: s.due_at)
