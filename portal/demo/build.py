"""Builds the demonstration: every step by the staff's own actions, in the order of time, up to one instant."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from portal.clocks import book
from portal.demo import (
    accounts,
    attached,
    audited,
    backup,
    casting,
    corporate,
    desks,
    files,
    incidents,
    library,
    orders,
    outside,
    plans,
    plots,
    quarters,
    teamwork,
    telephone,
    times,
    working_day,
)
from portal.demo.play import Stage
from portal.identity import queries as people
from portal.identity.actions import new_identity, set_fact
from portal.identity.actor import Actor
from portal.kernel import feed
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.notices.tell import mark_read
from portal.workflows import seed as flows

CASES = 600
BATCH = 250  # steps a transaction


def run(seed: int, as_of: datetime, *, cases: int = CASES) -> None:
    """Fills a migrated store that holds reference data but nobody yet. Opens its own transactions.

    The same seed and instant give the same cases. Raises Refused when the store holds people already.
    """
    if people.any_person():
        raise Refused("demo_needs_empty_store")
    stage = set_stage(as_of.replace(microsecond=0))
    with transaction():
        plans.in_force(stage, times.first_day(stage.as_of))
    acts = [plots.whole(play) for play in casting.cast(seed, stage, cases)]
    acts += incidents.all_of(stage) + quarters.written(stage) + files.kept(stage) + working_day.all_of(stage)
    acts += orders.all_of(stage) + backup.all_of(stage)
    acts += library.opened(stage, times.first_day(stage.as_of)) + teamwork.ordered(stage)
    acts += [reading(actor.id, stage.as_of - timedelta(hours=5 + 2 * n)) for n, actor in enumerate(_staff(stage))]
    steps = in_order(acts, stage.as_of)
    while True:
        with transaction() as session, session.no_autoflush:  # record() flushes; reads between would do it thrice
            if not sum(1 for _ in islice(steps, BATCH)):
                break
    with transaction():
        attached.brought(stage)
        telephone.rung(stage)
    with transaction() as session, session.no_autoflush:
        corporate.furnished(stage)
    with transaction():
        quarters.published(stage)
    with transaction():
        desks.furnish(_staff(stage), stage.as_of)
        desks.search(stage.of("supervisor")[0], stage.of("quality")[0], stage.as_of)
        audited.kept(stage)
        set_fact("demo", "1")
        outside.set_up(stage)
        feed.touch("installation", 0)


def set_stage(as_of: datetime) -> Stage:
    """Units, people and the facts by which the store is known as a demonstration."""
    secret, first = accounts.password_hash(), times.first_day(as_of)
    with transaction():
        accounts.open_units()
        staff = accounts.open_accounts(first, secret)
        set_fact("demo_accounts", " ".join(account.login for account in accounts.one_per_role()))
        if people.fact("epoch") is None:
            set_fact("epoch", new_identity())
        units = {unit.code: unit.id for unit in people.units()}
        calendar = book.in_force(as_of).calendars["cn-business"]
        flows.take_up(first, as_of)
    return Stage(as_of, staff, units, calendar)


def in_order(acts: list[plots.Act], until: datetime) -> Iterator[datetime]:
    """Does the steps of all acts in the order of time; each act is asked for the instant of its next step.

    What lies after `until` is not done: cases that are not finished by then are open ones.
    """
    queue = [(next(act), number, act) for number, act in enumerate(acts)]
    heapq.heapify(queue)
    while queue and queue[0][0] <= until:
        at, number, act = heapq.heappop(queue)
        following = next(act, None)
        if following is not None:
            heapq.heappush(queue, (following, number, act))
        yield at


def reading(person_id: int, at: datetime) -> plots.Act:
    """Somebody reads all notices at an instant, so that only the newest are unread."""
    yield at
    mark_read(person_id, at)


def _staff(stage: Stage) -> list[Actor]:
    return list(stage.people.values())
