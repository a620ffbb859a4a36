"""What somebody who leaves still holds: asked of the room that knows the cases, which hooks itself in here."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from portal.identity.actor import Actor
from portal.identity.models import Person


class Work(NamedTuple):
    """Open cases of a person: how many, who could take them all (id, name), and handing them over in one act."""

    count: Callable[[int], int]
    receivers: Callable[[int], list[tuple[int, str]]]
    hand_over: Callable[[Actor, datetime, Person, int], int]


_work: list[Work] = []


def hook(work: Work) -> None:
    """Lets the room of the cases answer."""
    _work[:] = [work]


def open_cases(person_id: int) -> int:
    """How many open cases a person holds."""
    return sum(work.count(person_id) for work in _work)


def receivers(person_id: int) -> list[tuple[int, str]]:
    """Who could take all of them: (id, name)."""
    return [one for work in _work for one in work.receivers(person_id)]


def hand_over(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Gives all of them to one colleague; returns how many."""
    return sum(work.hand_over(actor, now, person, to_id) for work in _work)


_held_by_unit: list[Callable[[int], int]] = []


def hook_unit(call: Callable[[int], int]) -> None:
    """Lets a room say how much open work of its own a unit holds."""
    if call not in _held_by_unit:
        _held_by_unit.append(call)


def open_work(unit_id: int) -> int:
    """How much open work a unit holds: cases, steps of orders."""
    return sum(call(unit_id) for call in _held_by_unit)
