"""What somebody who leaves, or a unit that ends, still holds: asked of the rooms that know it, which hook in here."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.kernel.errors import Invalid


class Work(NamedTuple):
    """One kind of open work of a person: how much, who could take all of it, handing it over; `name` as term `held.…`.

    Without `receivers` everybody with an open account can take it.
    """

    name: str
    count: Callable[[int], int]
    receivers: Callable[[int], list[tuple[int, str]]] | None
    hand_over: Callable[[Actor, datetime, Person, int], int]


class UnitWork(NamedTuple):
    """One kind of open work of a unit: how much, and moving all of it to another one, with the reason."""

    name: str
    count: Callable[[int], int]
    move: Callable[[Actor, datetime, int, int, str], int]


_work: list[Work] = []


def hook(work: Work) -> None:
    """Lets a room answer for one kind of work."""
    if work not in _work:
        _work.append(work)


def open_work(person_id: int) -> int:
    """How much open work a person holds."""
    return sum(work.count(person_id) for work in _work)


def held(person_id: int) -> list[tuple[str, int]]:
    """What a person holds: (name of the kind, how much), as far as there is any."""
    return [(work.name, n) for work in _work if (n := work.count(person_id))]


def receivers(person_id: int) -> list[tuple[int, str]]:
    """Who could take all of them: (id, name), by name."""
    kinds = [work for work in _work if work.count(person_id)]
    found = [work.receivers(person_id) for work in kinds if work.receivers]
    if not found:
        return [(one.id, one.name) for one in people.everybody() if kinds and one.id != person_id]
    return [one for one in found[0] if all(one in more for more in found[1:])]


def hand_over(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Gives all of them to one colleague; returns how many. Raises Invalid for somebody who may not take all."""
    if open_work(person.id) and to_id not in {one for one, _name in receivers(person.id)}:
        raise Invalid("choose_receiver", field="to")
    return sum(work.hand_over(actor, now, person, to_id) for work in _work if work.count(person.id))


_of_units: list[UnitWork] = []


def hook_unit(work: UnitWork) -> None:
    """Lets a room answer for one kind of open work that a unit holds."""
    if work not in _of_units:
        _of_units.append(work)


def open_work_of(unit_id: int) -> int:
    """How much open work a unit holds: cases, steps of orders."""
    return sum(work.count(unit_id) for work in _of_units)


def held_by(unit_id: int) -> list[tuple[str, int]]:
    """What a unit holds: (name of the kind, how much), as far as there is any."""
    return [(work.name, n) for work in _of_units if (n := work.count(unit_id))]


def move_all(actor: Actor, now: datetime, unit_id: int, to_id: int, reason: str) -> int:
    """Moves everything open of a unit to another one; returns how much. Inside transaction()."""
    return sum(work.move(actor, now, unit_id, to_id, reason) for work in _of_units if work.count(unit_id))
