"""A definition's data while it is being changed: steps put in, taken out, moved; what differs. Pure."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from portal.kernel.errors import Invalid
from portal.workflows.definition import Definition, from_data, to_data

Data = dict[str, Any]
LISTS = ("next", "waits_for")


class Difference(NamedTuple):
    """One thing that two versions say differently; `step` is empty for the whole, None = it is not there."""

    step: str
    what: str
    old: Any
    new: Any


def step_of(data: Mapping[str, Any], code: str) -> Data | None:
    """The raw step of that code."""
    return next((step for step in data["steps"] if step["code"] == code), None)


def with_step(data: Data, code: str, step: Data, after: str = "") -> Data:
    """The data with one step written anew, or, with an unknown code, added behind `after` (at the end of all without).

    A step that gets another code keeps what leads to it.
    """
    made = deepcopy(data)
    at = next((n for n, one in enumerate(made["steps"]) if one["code"] == code), None)
    if at is not None:
        made["steps"][at] = step
        if step["code"] != code:
            _renamed(made, code, step["code"])
        return made
    place = next((n + 1 for n, one in enumerate(made["steps"]) if one["code"] == after), len(made["steps"]))
    made["steps"].insert(place, step)
    return made


def without_step(data: Data, code: str) -> Data:
    """The data without a step; nothing leads there any more."""
    made = deepcopy(data)
    made["steps"] = [one for one in made["steps"] if one["code"] != code]
    _renamed(made, code, "")
    return made


def moved(data: Data, code: str, by: int) -> Data:
    """The data with a step one place up (-1) or down (1) in the table."""
    made = deepcopy(data)
    steps = made["steps"]
    at = next((n for n, one in enumerate(steps) if one["code"] == code), None)
    if at is not None and 0 <= at + by < len(steps):
        steps[at], steps[at + by] = steps[at + by], steps[at]
    return made


def _renamed(data: Data, old: str, new: str) -> None:
    """Everything that named a step names it anew, or no longer."""
    data["first"] = _swapped(data["first"], old, new)
    for step in data["steps"]:
        for name in LISTS:
            if old in step.get(name, ()):
                step[name] = _swapped(step[name], old, new)
        for way in step.get("outcomes", ()):
            way["next"] = _swapped(way.get("next", []), old, new)
        if "returns" in step:
            for back in step["returns"]:
                back["to"] = new if back["to"] == old else back["to"]
            step["returns"] = [back for back in step["returns"] if back["to"]]


def _swapped(codes: list[str], old: str, new: str) -> list[str]:
    return [new if code == old else code for code in codes if new or code != old]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """What the new data say differently: the whole first, then step by step in the new order, then steps gone."""
    for what in dict.fromkeys([*old, *new]):
        if what != "steps" and old.get(what) != new.get(what):
            yield Difference("", what, old.get(what), new.get(what))
    before = {step["code"]: step for step in old["steps"]}
    after = {step["code"]: step for step in new["steps"]}
    for code, step in after.items():
        if code in before:
            yield from _step(code, before[code], step)
        else:
            yield Difference(code, "step", None, step)
    yield from (Difference(code, "step", step, None) for code, step in before.items() if code not in after)


def _step(code: str, old: Data, new: Data) -> Iterator[Difference]:
    for what in dict.fromkeys([*old, *new]):
        if old.get(what) != new.get(what):
            yield Difference(code, what, old.get(what), new.get(what))


def defined(data: Any) -> Definition:
    """The definition of imported data. Raises Invalid for data that have another shape."""
    try:
        made = from_data(data)
        to_data(made)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        missing = str(error.args[0])[:60] if isinstance(error, KeyError) and error.args else ""
        raise Invalid("flow_lacks_key" if missing else "flow_misshapen", field="text", missing=missing) from error
    return made
