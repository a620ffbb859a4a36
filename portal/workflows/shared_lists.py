"""Choices that all flows share: a field of this code offers the list that administrators edit (WF3: circuit types)."""

from collections.abc import Mapping
from dataclasses import replace

from portal.directory import lists
from portal.directory.list_rules import BUILTIN, Item
from portal.workflows.definition import Choice, Definition, Evidence, Name

SHARED = {"circuit_type": "circuit"}  # code of a field -> list
_made: dict[tuple[str, str, int], tuple[list[dict[str, Item]], Definition]] = {}


def with_lists(key: tuple[str, str, int], definition: Definition) -> Definition:
    """The definition with what the lists hold now; made anew only when one of them has been edited."""
    now = [lists.items(name) for name in SHARED.values()]
    known = _made.get(key)
    if known is None or any(a is not b for a, b in zip(known[0], now, strict=True)):
        steps = tuple(replace(step, evidence=tuple(map(_filled, step.evidence))) for step in definition.steps)
        made = replace(definition, fields=tuple(map(_filled, definition.fields)), steps=steps)
        known = _made[key] = (now, made)
    return known[1]


def asks(definition: Definition) -> bool:
    """Whether the flow has a field with a shared list."""
    return any(one.code in SHARED for one in (*definition.fields, *(e for s in definition.steps for e in s.evidence)))


def _filled(one: Evidence) -> Evidence:
    """The field with the list's entries, closed ones too as old orders name them, then what only the flow knows."""
    if one.kind != "choice" or one.code not in SHARED:
        return one
    name = SHARED[one.code]
    own = {choice.code: choice.name for choice in one.choices}
    entries = lists.items(name)
    found = [Choice(code, _name(name, item, own), closed=not item.active) for code, item in entries.items()]
    return replace(one, choices=(*found, *(c for c in one.choices if c.code not in entries)))


def _name(name: str, item: Item, own: Mapping[str, Name]) -> Name:
    first = BUILTIN[name].get(item.code)
    known = own.get(item.code) or (Name(first.zh, first.en) if first else Name(item.code, item.code))
    return Name(item.zh, item.en or item.zh) if item.own_words and item.zh else known


def forget() -> None:
    """Empties the memory: another store is opened."""
    _made.clear()
