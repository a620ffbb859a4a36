"""How long sessions live, when sign-in is held back, whose rights one may change. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.kernel.errors import Forbidden

IDLE = timedelta(minutes=60)  # SE2: ends after 60 min without input
LONGEST = timedelta(hours=12)  # SE2: 12 h at most [H]
TOUCH_EVERY = timedelta(minutes=5)
WINDOW = timedelta(minutes=15)
TRIES_PER_PAIR = 8
TRIES_PER_ADDRESS = 60


def alive(created: datetime, last_input: datetime, revoked: datetime | None, now: datetime) -> bool:
    """Whether a session still holds at `now`."""
    return revoked is None and now - created < LONGEST and now - last_input < IDLE


def held_back(pair_failures: int, address_failures: int) -> bool:
    """Whether this account from this address, or this address altogether, has to wait."""
    return pair_failures >= TRIES_PER_PAIR or address_failures >= TRIES_PER_ADDRESS


def not_oneself(actor_id: int, person_id: int) -> None:
    """Nobody changes their own rights. Raises Forbidden."""
    if actor_id == person_id:
        raise Forbidden("own_roles")


def may_review(person_id: int, hands: Iterable[int | None]) -> bool:
    """Whether somebody had no hand in what is to be reviewed: limits, wording, articles, rules of proposals."""
    return person_id not in hands
