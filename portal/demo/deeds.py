"""Single deeds of the demonstration that several acts have in common."""

from datetime import datetime

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.demo import texts
from portal.demo.play import Play

MEANS = {"email": "email", "chat": "chat", "app": "app", "sms": "sms"}


def chase(play: Play) -> None:
    """The customer presses, or a colleague does."""
    by_customer = play.rng.random() < 0.8
    who = play.agent if by_customer else play.supervisor
    words = play.pick(texts.CHASES if by_customer else texts.CHASES_OURS)
    together.chase(who, play.now, play.row(), by_customer=by_customer, words=words)


def reach(play: Play, words: str, *, reached: bool = True, promised: datetime | None = None) -> None:
    """The worker speaks with the customer, or tries to, and may say by when there will be an answer."""
    cases.contact(
        play.worker, play.now, play.row(), direction="out", means=means(play), reached=reached, words=words,
        promised=promised,
    )  # fmt: skip


def means(play: Play) -> str:
    """How this customer is told: mostly by telephone, else by the channel of the request."""
    return MEANS.get(play.channel, "phone") if play.rng.random() < 0.4 else "phone"


def rating(play: Play) -> int | None:
    """What the customer gives; less after a delay or a second round."""
    poor = play.has("late") or play.has("two rounds") or play.has("chased")
    weights = (10, 12, 25, 30, 17, 6) if poor else (2, 3, 10, 33, 46, 6)
    return play.rng.choices((1, 2, 3, 4, 5, None), weights)[0]
