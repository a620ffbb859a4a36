"""Calls of the telephone system in the demonstration: one behind each hotline case, and those who gave up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from portal.cases.models import Case
from portal.demo.play import Stage
from portal.identity.actor import SYSTEM
from portal.intake.call_actions import take_calls
from portal.intake.call_rules import Taken
from portal.kernel.db import db

GAVE_UP = 14  # one of so many calls is not answered


def rung(stage: Stage) -> None:
    """Hands all of them in. Call inside transaction(), once the hotline is there."""
    taken = select(Case.id, Case.received_at).where(Case.channel == "hotline", Case.received_at < stage.as_of)
    calls = [one for number, at in db.session.execute(taken.order_by(Case.id)) for one in _around(number, at)]
    take_calls(SYSTEM, stage.as_of, 0, [one for one in calls if one.ended <= stage.as_of])


def _around(number: int, answered: datetime) -> Iterator[Taken]:
    """The call in which a case was taken down; now and then one before it that nobody answered."""
    rng = Random(f"call:{number}")
    wait = timedelta(seconds=rng.randint(3, 19) if rng.random() < 0.86 else rng.randint(21, 70))
    ended = answered + timedelta(seconds=rng.randint(90, 420))
    yield Taken(
        key=f"demo-{number}", hotline="10000", offered=answered - wait, answered=answered, ended=ended,
        hold=rng.choice((0, 0, 0, 25)), after=rng.randint(15, 120), handed=rng.random() < 0.08, busy=False,
    )  # fmt: skip
    if number % GAVE_UP == 0:
        offered = answered - timedelta(seconds=rng.randint(300, 900))
        yield Taken(
            key=f"demo-{number}-lost", hotline="10000", offered=offered, answered=None,
            ended=offered + timedelta(seconds=rng.choice((4, 18, 35, 60))), hold=0, after=0, handed=False, busy=False,
        )  # fmt: skip
