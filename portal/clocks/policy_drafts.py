"""A policy document while it is being changed: cells read and written as people type them, and what differs. Pure."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.clocks import further, ladder_drafts
from portal.clocks.deadlines import is_no_time, limit_text, parse_limit
from portal.clocks.policy import LEVELS, TIMELESS, UNJUDGED, PolicyRefused, load_policy

NONE = "none"
WRITTEN = ("limit", "calendar", "warn", "clause", "house")
Document = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One row as people write it: `limit` is 15m, 2h, 1wd, 2w, 80%, contact, instant or none; `warn` in per cent."""

    limit: str
    calendar: str
    warn: int
    clause: str
    house: bool


class Difference(NamedTuple):
    """One thing that two documents say differently; None = it is not there."""

    what: str  # row, combine, ladder or further
    row: Mapping[str, Any]
    old: Any
    new: Any


def rows_by_id(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The raw rows of a document by their ids."""
    return {row["id"]: row for row in data["rows"]}


def cell_of(row: Mapping[str, Any], data: Mapping[str, Any]) -> Cell:
    """A raw row as people write it."""
    limit = NONE if row.get("off") else limit_text(row["amount"], row["unit"])
    share = row.get("warn_share", data["warn_share"])
    return Cell(limit, row["calendar"], round(share * 100), row["clause"], row.get("house", False))


def old_cell(row: Mapping[str, Any], old: Mapping[str, Any], new_row: Mapping[str, Any] | None, new: Document) -> Cell:
    """An older row, to be compared: the warning point that both rows take from their document is none of theirs."""
    own = new_row is None or "warn_share" in row or "warn_share" in new_row
    return cell_of(row, old if own else new)


def written(row: dict[str, Any], cell: Cell, data: Mapping[str, Any]) -> dict[str, Any]:
    """The raw row with what was written into it. Raises PolicyRefused for a limit that cannot be read."""
    made = {name: value for name, value in row.items() if name not in ("off", "house", "warn_share")}
    limit = cell.limit.strip().lower()
    if limit == NONE:
        made["off"] = True
    else:
        made["amount"], made["unit"] = _read(limit, row["id"])
    made |= {"calendar": cell.calendar, "clause": cell.clause.strip()}
    if cell.house:
        made["house"] = True
    if cell.warn != round(data["warn_share"] * 100):
        made["warn_share"] = cell.warn / 100
    return made


def parsed(limit: str) -> tuple[int, str]:
    """A limit as it is written in a cell, also `80%` (of what is left of the result). Raises ValueError."""
    if limit in (*TIMELESS, "instant"):
        return 0, limit
    share = re.fullmatch(r"([1-9]\d?|100)%", limit)
    return (int(share[1]), "left") if share else parse_limit(limit)


def _read(limit: str, row: str) -> tuple[int, str]:
    try:
        return parsed(limit)
    except ValueError as error:
        code = "policy_limit_no_time" if is_no_time(limit) else "policy_limit_unreadable"
        raise PolicyRefused(code, row=row, limit=limit[:20]) from error


def changed(data: Document, row_id: str, cell: Cell) -> Document:
    """The document with one cell written anew. Raises PolicyRefused, KeyError for a row that is not there."""
    made = deepcopy(data)
    at = next((n for n, row in enumerate(made["rows"]) if row["id"] == row_id), None)
    if at is None:
        raise KeyError(row_id)
    made["rows"][at] = written(made["rows"][at], cell, made)
    return made


def with_special(
    data: Document, row_id: str, customer_class: str, request_type: str, cell: Cell
) -> tuple[Document, str]:
    """The document with one more row beside another, for a class of customers, a type of request or both; its id."""
    if not (customer_class or request_type):
        raise PolicyRefused("policy_special_of_nothing", row=row_id)
    made = deepcopy(data)
    at, row = next((n, row) for n, row in enumerate(made["rows"]) if row["id"] == row_id)
    named = {"customer_class": customer_class, "request_type": request_type}
    base = {name: value for name, value in row.items() if name not in named}
    new_id = ".".join(
        [row_id.split("@")[0] + "@" + (customer_class or "any"), *([request_type] if request_type else [])]
    )
    new = base | {"id": new_id[:60]} | {name: value for name, value in named.items() if value}
    made["rows"].insert(at + 1, written(new, cell, made))
    return made, new["id"]


def with_combine(data: Document, kind: str, hows: Mapping[str, str]) -> Document:
    """The document with another way in which level and channel of a kind combine."""
    made = deepcopy(data)
    made["combine"][kind] = {level: hows[level] for level in (UNJUDGED, *LEVELS)}
    return made


def check(data: Document, calendars: Any) -> None:
    """Raises PolicyRefused unless the document is a sound policy on these calendars."""
    load_policy(data, calendars)
    further.check(data)


def differences(old: Document, new: Document) -> Iterator[Difference]:
    """What the new document says differently: row by row in the order of the tables, then how kinds combine."""
    before, after = rows_by_id(old), rows_by_id(new)
    for row_id in dict.fromkeys([*before, *after]):
        was = old_cell(before[row_id], old, after.get(row_id), new) if row_id in before else None
        is_now = cell_of(after[row_id], new) if row_id in after else None
        if was != is_now:
            yield Difference("row", after.get(row_id) or before[row_id], was, is_now)
    for kind in dict.fromkeys([*old["combine"], *new["combine"]]):
        for level in (UNJUDGED, *LEVELS):
            was_how, how = old["combine"].get(kind, {}).get(level), new["combine"].get(kind, {}).get(level)
            if was_how != how:
                yield Difference("combine", {"kind": kind, "level": level}, was_how, how)
    for part, was_part, part_now in ladder_drafts.differences(old, new):
        yield Difference("ladder", part, was_part, part_now)
    for name, was_text, text_now in further.differences(old, new):
        yield Difference("further", {"point": name}, was_text, text_now)
