"""Where each item of a plan comes from: the requirement it cites, or the mark [H] of a house rule (EM2). Pure.

A row has its own basis in `clause`. What it lays down besides, under a rule of its own, has a further one: the order of
the calls of a role, a grade's cadence of reports, its answers and its review, the time limit of a task.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from portal.incidents.plan_data import PARTS, SCALES, Data

HOUSE = "[H]"
OWN = "clause"
BESIDES = {"role": ("line",), "grade": ("report", "answer", "review"), "task": ("minutes",)}


def names(part: str) -> tuple[str, ...]:
    """The fields of a row of this part that hold its bases, its own first."""
    return OWN, *(f"{OWN}_{aspect}" for aspect in BESIDES.get(part, ()))


def aspect(name: str) -> str:
    """What a field is the basis of; empty for the row as a whole."""
    return name.removeprefix(OWN).removeprefix("_")


def lacking(part: str, row: Mapping[str, Any]) -> Iterator[str]:
    """The bases that a row does not name."""
    return (name for name in names(part) if not str(row.get(name) or "").strip())


def completed(data: Data, source: Mapping[str, Any]) -> Data:
    """A document whose rows take over the bases they lack from the rows of the same code in another one."""
    made = deepcopy(data)
    for part in (*SCALES, *PARTS):
        _complete(part, made.get(part, []), source.get(part, []))
    holders = {one["code"]: one for one in source["class"]}
    for holder in made["class"]:
        for part in PARTS:
            _complete(part, holder.get(part, []), holders.get(holder["code"], {}).get(part, []))
    return made


def _complete(part: str, rows: list[Data], source: list[Data]) -> None:
    known = {row["code"]: row for row in source}
    for row in rows:
        other = known.get(row["code"], {})
        row |= {name: other[name] for name in lacking(part, row) if other.get(name)}
