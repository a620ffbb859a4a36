"""Who stands in for somebody who is away, and which absences cannot be. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from portal.kernel.errors import Invalid

# what a deputy must be able to do wherever the absent person can: take the work over, decide what waits (ADR 23)
HELD_ALIKE = ("case.work", "case.approve")


class Away(NamedTuple):
    """A stretch in which a person is away and another stands in."""

    person_id: int
    deputy_id: int
    begin: datetime
    end: datetime


def stand_in(deputies: Mapping[int, int], person_id: int) -> int:
    """Who acts for a person: the deputy, or the deputy's deputy; the person where nobody does or where it is a ring."""
    here, seen = person_id, {person_id}
    while here in deputies:
        here = deputies[here]
        if here in seen:
            return person_id
        seen.add(here)
    return here


def check(new: Away, others: Iterable[Away], now: datetime) -> None:
    """An absence ends after it begins and not in the past, is the person's only one then, and closes no ring.

    `others`: the absences, of anybody, that touch it. Raises Invalid at the field.
    """
    known = list(others)
    if new.end <= new.begin:
        raise Invalid("absence_ends_before", field="until")
    if new.end <= now:
        raise Invalid("absence_is_past", field="until")
    if new.deputy_id == new.person_id:
        raise Invalid("deputy_is_oneself", field="deputy")
    for one in known:
        if one.person_id == new.person_id:
            raise Invalid(
                "absence_overlaps", field="since", since=int(one.begin.timestamp()), until=int(one.end.timestamp())
            )
    _no_ring(new, known)


def _no_ring(new: Away, known: list[Away]) -> None:
    """Nobody ends up as their own deputy, at whatever instant of the absence. Raises Invalid."""
    for at in {new.begin, *(one.begin for one in known if one.begin > new.begin)}:
        deputies = {one.person_id: one.deputy_id for one in known if one.begin <= at < one.end}
        if new.person_id in (new.deputy_id, stand_in(deputies, new.deputy_id)):
            raise Invalid("deputies_in_a_ring", field="deputy")
