"""What is wrong with a definition: each finding with the step it lies at and its facts. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError
from typing import Any, get_args

from portal.clocks.deadlines import is_no_time, parse_limit
from portal.workflows.definition import CHOSEN, CUSTOMER, OUTSIDE, RAISER, Definition, EvidenceKind, Name, Step
from portal.workflows.ways import TooMany, Ways, leads_to, rounds

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
HOLDERS = (RAISER, CUSTOMER, CHOSEN, OUTSIDE)
KINDS = ("task", "decision", "sheets", "end")
RESULTS = ("completed", "declined", "cancelled")
LENGTH = {"wd": 8 * 3600, "w": 40 * 3600}  # working time of a day and a week, to compare limits of unlike units
WARNINGS = frozenset(("end_leaves_work",))


@dataclass(frozen=True)
class Known:
    """What the installation knows: units by code with how many people may do their steps, roles, calendars."""

    units: Mapping[str, int]
    roles: Collection[str]
    calendars: Collection[str]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `step` is empty for the whole. An error keeps a definition from being handed in."""

    code: str
    step: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> bool:
        """Whether it must be mended, or may stay as it is."""
        return self.code not in WARNINGS


def lint(definition: Definition, known: Known | None = None) -> list[Finding]:
    """All findings, those of the whole first, then by step. Without `known` units and calendars are not looked up."""
    found = [*_whole(definition)]
    for step in definition.steps:
        found += [Finding(one.code, step.code, one.facts) for one in _step(definition, step)]
    if known is not None:
        found += _against(definition, known)
    if not any(one.code in ("code_twice", "no_steps") for one in found):
        found += _shape(definition)
    place = {step.code: n for n, step in enumerate(definition.steps)}
    return sorted(_once(found).values(), key=lambda one: place.get(one.step, -1))


def _once(found: Iterable[Finding]) -> dict[Any, Finding]:
    return {(one.code, one.step, tuple(sorted(one.facts.items()))): one for one in found}


def _whole(definition: Definition) -> Iterator[Finding]:
    """What concerns no step alone."""
    if not definition.steps:
        yield Finding("no_steps")
    if not definition.first:
        yield Finding("no_first")
    if not any(step.kind == "end" for step in definition.steps):
        yield Finding("no_end")
    yield from _codes([definition.flow])
    yield from _codes((step.code for step in definition.steps), "code_twice")
    yield from _codes(one.code for one in definition.fields)
    yield from _names(definition.name, "")
    known = {step.code for step in definition.steps}
    yield from (Finding("step_unknown", "", {"to": code}) for code in definition.first if code not in known)
    for one in definition.fields:
        yield from _evidence(one)
    limits = (definition.limit, *definition.classes.values())
    yield from (Finding(_unread(one), "", {"limit": one[:20]}) for one in limits if _length(one) is None)


def _step(definition: Definition, step: Step) -> Iterator[Finding]:
    """What is wrong with one step by itself."""
    yield from _names(step.name, step.code)
    if step.kind not in KINDS:
        yield Finding("kind_unknown", facts={"kind": step.kind})
    yield from _going_on(definition, step)
    yield from _limit(definition, step)
    known = {one.code for one in definition.steps}
    for code in (*leads_to(step), *step.waits_for, *(back.to for back in step.returns)):
        if code not in known:
            yield Finding("step_unknown", facts={"to": code})
    yield from _codes(one.code for one in step.evidence)
    for one in step.evidence:
        yield from _evidence(one)
    yield from _codes((back.to for back in step.returns), "return_twice")
    for back in step.returns:
        yield from _codes(reason.code for reason in back.reasons)
        if not back.reasons:
            yield Finding("return_without_reason", facts={"to": back.to})
    if step.sheet is not None:
        yield from _names(step.sheet, step.code)


def _going_on(definition: Definition, step: Step) -> Iterator[Finding]:
    """How the step goes on, by its kind."""
    if step.kind == "end":
        if leads_to(step):
            yield Finding("end_goes_on")
        if step.result not in RESULTS:
            yield Finding("end_without_result")
        return
    if not step.holder and not step.decided_by:
        yield Finding("holder_missing")
    if step.kind == "decision":
        yield from _decision(definition, step)
    elif not step.next:
        yield Finding("dead_end")
    elif step.outcomes:
        yield Finding("outcomes_unused")


def _decision(definition: Definition, step: Step) -> Iterator[Finding]:
    if len(step.outcomes) < 2:
        yield Finding("one_outcome" if step.outcomes else "no_outcome")
    if step.next:
        yield Finding("decision_with_next")
    yield from _codes(way.code for way in step.outcomes)
    for way in step.outcomes:
        yield from _names(way.name, step.code)
        if not way.next:
            yield Finding("outcome_dead_end", facts={"outcome": way.code})
    if step.decided_by:
        yield from _decided(definition, step)


def _decided(definition: Definition, step: Step) -> Iterator[Finding]:
    """A decision that a field of the order makes: each value of the field needs its way out."""
    chosen = next((one for one in definition.fields if one.code == step.decided_by), None)
    if chosen is None:
        yield Finding("field_unknown", facts={"field": step.decided_by})
    elif chosen.kind != "choice" or not chosen.required:
        yield Finding("field_not_choice", facts={"field": step.decided_by})
    else:
        ways, values = {way.code for way in step.outcomes}, {one.code for one in chosen.choices}
        for code in sorted(values - ways):
            yield Finding("value_without_outcome", facts={"value": code, "field": step.decided_by})
        for code in sorted(ways - values):
            yield Finding("outcome_without_value", facts={"outcome": code, "field": step.decided_by})


def _limit(definition: Definition, step: Step) -> Iterator[Finding]:
    limit = step.limit
    if limit.share and limit.fixed:
        yield Finding("limit_twice")
    if not 0 <= limit.share <= 100:
        yield Finding("share_bad", facts={"share": limit.share})
    if not limit.fixed:
        return
    length, whole = _length(limit.fixed), _length(definition.limit)
    if length is None:
        yield Finding(_unread(limit.fixed), facts={"limit": limit.fixed[:20]})
    elif whole is not None and length > whole and limit.calendar in ("", definition.calendar):
        yield Finding("limit_exceeds", facts={"limit": limit.fixed, "whole": definition.limit})


def _unread(limit: str) -> str:
    """Why a limit is none."""
    return "limit_no_time" if is_no_time(limit) else "limit_unreadable"


def _length(limit: str) -> int | None:
    """A limit in seconds of working time; None if it cannot be read."""
    try:
        amount, unit = parse_limit(limit)
    except ValueError:
        return None
    return amount * LENGTH.get(unit, 1)


def _evidence(one: Any) -> Iterator[Finding]:
    yield from _names(one.name, "")
    if one.kind not in get_args(EvidenceKind):
        yield Finding("evidence_unknown", facts={"evidence": one.code, "kind": one.kind})
    if one.kind == "choice" and not one.choices:
        yield Finding("nothing_to_choose", facts={"evidence": one.code})
    yield from _codes(choice.code for choice in one.choices)


def _codes(codes: Iterable[str], twice: str = "entry_twice") -> Iterator[Finding]:
    for code, times in Counter(codes).items():
        if not CODE.fullmatch(code):
            yield Finding("code_bad", facts={"word": code[:40]})
        if times > 1:
            yield Finding(twice, facts={"word": code})


def _names(name: Name, step: str) -> Iterator[Finding]:
    for language in ("zh", "en"):
        if not getattr(name, language).strip():
            yield Finding(f"name_missing_{language}", step)


def _against(definition: Definition, known: Known) -> Iterator[Finding]:
    """Units, roles and calendars that nobody knows; units nobody belongs to."""
    calendars = {"": definition.calendar} | {step.code: step.limit.calendar for step in definition.steps}
    for code, calendar in calendars.items():
        if (calendar or not code) and calendar not in known.calendars:
            yield Finding("calendar_unknown", code, {"calendar": calendar})
    for step in definition.steps:
        if step.role and step.role not in known.roles:
            yield Finding("role_unknown", step.code, {"role": step.role})
        yield from _units(step, known)


def _units(step: Step, known: Known) -> Iterator[Finding]:
    for unit in dict.fromkeys((step.holder, *step.units)):
        if unit and unit not in HOLDERS and not known.units.get(unit):
            yield Finding("nobody_there" if unit in known.units else "unit_unknown", step.code, {"unit": unit})
    for unit in step.tells:
        if unit not in (*HOLDERS, *known.units):
            yield Finding("unit_unknown", step.code, {"unit": unit})


def _shape(definition: Definition) -> Iterator[Finding]:
    """What only the whole picture shows: rings, steps nobody reaches, joins that do not meet, shares."""
    try:
        ways = Ways(definition)
    except TooMany:
        yield Finding("too_many_ways")
        return
    except CycleError as error:
        for code in rounds(error)[:1]:
            yield Finding("goes_round", code)
        return
    for step in definition.steps:
        yield from _reached(ways, step)
        yield from _returns(ways, step)
    if any(step.limit.share for step in definition.steps) and ways.longest() != 100:
        yield Finding("shares_sum", "", {"sum": ways.longest()})
    for step in definition.steps:
        if step.kind == "end":
            yield from _left(ways, step)


def _reached(ways: Ways, step: Step) -> Iterator[Finding]:
    code = step.code
    if not ways.arrives[code]:
        if not any(ways.arrives.get(one, 0) for one in ways.before[code]):
            yield Finding("unreachable", code)
        return
    yield from _joins(ways, step)
    yield from _begins(ways, step)


def _joins(ways: Ways, step: Step) -> Iterator[Finding]:
    """Steps that are waited for in vain."""
    code = step.code
    for earlier in step.waits_for:
        if earlier in ways.steps and earlier not in ways.before[code]:
            yield Finding("join_not_led_to", code, {"from": earlier})
    if not ways.done[code]:
        yield Finding("join_never", code)
    elif ways.arrives[code] & ~ways.done[code] & ~ways.ended:
        yield Finding("join_sometimes", code)


def _begins(ways: Ways, step: Step) -> Iterator[Finding]:
    """Two that lead here at once, although the step does not wait for both."""
    code = step.code
    came = [one for one in ways.before[code] if one not in step.waits_for]
    for n, one in enumerate(came):
        for other in (*came[n + 1 :], *(w for w in step.waits_for if w in ways.before[code])):
            if ways.edge(one, code) & ways.edge(other, code):
                yield Finding("begins_twice", code, {"one": one, "other": other})


def _returns(ways: Ways, step: Step) -> Iterator[Finding]:
    for back in step.returns:
        if back.to in ways.steps and back.to not in ways.earlier[step.code]:
            yield Finding("return_not_before", step.code, {"to": back.to})
        elif back.to in ways.steps and not ways.all & ~ways.ended and ways.hangs(step.code, back.to):
            yield Finding("return_hangs", step.code, {"to": back.to})


def _left(ways: Ways, end: Step) -> Iterator[Finding]:
    """Steps that may still be open when the order ends here."""
    for code, step in ways.steps.items():
        side_by_side = code not in ways.earlier[end.code] and step.kind != "end"
        if side_by_side and ways.done[code] & ways.done[end.code]:
            yield Finding("end_leaves_work", end.code, {"left": code})


def errors(found: Iterable[Finding]) -> list[Finding]:
    """Those that keep a definition from being handed in."""
    return [one for one in found if one.error]
