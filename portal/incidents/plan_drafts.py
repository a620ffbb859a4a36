"""A document of plans while it is being changed: rows read, written, taken out; what differs. Pure.

A row lies in a part (grade, role, phone, class ... or task, criterion, message) at a place: the code of a class, or
`all` for what holds for every class.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from portal.incidents.plan_data import PARTS, SCALES, Data
from portal.kernel.errors import Invalid

ALL = "all"


class Difference(NamedTuple):
    """One row that two versions say differently; None = it is not there."""

    part: str
    place: str
    code: str
    old: Data | None
    new: Data | None


def rows(data: Mapping[str, Any], part: str, place: str = ALL) -> list[Data]:
    """The raw rows of a part at a place; none for a place that there is not."""
    if place == ALL:
        return list(data.get(part, []))
    holder: Mapping[str, Any] = next((one for one in data["class"] if one["code"] == place), {})
    return list(holder.get(part, []))


def row_of(data: Mapping[str, Any], part: str, place: str, code: str) -> Data | None:
    """The raw row with this code."""
    return next((one for one in rows(data, part, place) if one["code"] == code), None)


def with_row(data: Mapping[str, Any], part: str, place: str, code: str, row: Data) -> Data:
    """The document with one row written anew; an unknown code comes at the end. Parts below a class row stay."""
    made, kept = deepcopy(dict(data)), rows(data, part, place)
    at = next((n for n, one in enumerate(kept) if one["code"] == code), None)
    if at is None:
        kept.append(row)
    else:
        kept[at] = row | {name: kept[at][name] for name in PARTS if name in kept[at]}
    return _put(made, part, place, kept)


def without_row(data: Mapping[str, Any], part: str, place: str, code: str) -> Data:
    """The document without a row."""
    left = [one for one in rows(data, part, place) if one["code"] != code]
    return _put(deepcopy(dict(data)), part, place, left)


def _put(made: Data, part: str, place: str, kept: list[Data]) -> Data:
    if place == ALL:
        made[part] = kept
        return made
    holder = next((one for one in made["class"] if one["code"] == place), None)
    if holder is None:
        raise Invalid("not_on_scale", field="place")
    holder[part] = kept
    return made


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """What the new document says differently, scale by scale, then class by class."""
    for part in (*SCALES, *PARTS):
        yield from _between(part, ALL, rows(old, part), rows(new, part))
    for holder in new["class"]:
        for part in PARTS:
            place = holder["code"]
            yield from _between(part, place, rows(old, part, place), rows(new, part, place))


def _between(part: str, place: str, old: list[Data], new: list[Data]) -> Iterator[Difference]:
    before, after = ({row["code"]: _own(row) for row in side} for side in (old, new))
    for code in dict.fromkeys([*before, *after]):
        if before.get(code) != after.get(code):
            yield Difference(part, place, code, before.get(code), after.get(code))


def _own(row: Data) -> Data:
    return {name: value for name, value in row.items() if name not in PARTS}
