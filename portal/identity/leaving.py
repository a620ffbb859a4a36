"""What somebody who leaves still holds: asked of the room that knows the cases, which hooks itself in here."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.kernel.errors import Invalid


class Work(NamedTuple):
    """One kind of open work of a person (cases, tasks): how much, who could take all of it, handing it over."""

    count: Callable[[int], int]
    receivers: Callable[[int], list[tuple[int, str]]]
    hand_over: Callable[[Actor, datetime, Person, int], int]


_work: list[Work] = []


def hook(work: Work) -> None:
    """Lets a room answer for one kind of work."""
    if work not in _work:
        _work.append(work)


def open_work(person_id: int) -> int:
    """How many open cases and tasks a person holds."""
    return sum(work.count(person_id) for work in _work)


def receivers(person_id: int) -> list[tuple[int, str]]:
    """Who could take all of them: (id, name), by name."""
    found = [work.receivers(person_id) for work in _work if work.count(person_id)]
    return [one for one in found[0] if all(one in more for more in found[1:])] if found else []


def hand_over(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Gives all of them to one colleague; returns how many. Raises Invalid for somebody who may not take all."""
    if open_work(person.id) and to_id not in {one for one, _name in receivers(person.id)}:
        raise Invalid("choose_receiver", field="to")
    return sum(work.hand_over(actor, now, person, to_id) for work in _work if work.count(person.id))
