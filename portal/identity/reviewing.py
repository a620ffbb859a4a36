"""The way of a document into force: written by hands, handed in, reviewed by somebody else, sent back or dropped.

Rooms bring a row with state, version, hands, by_id, reviewed_by and reviewed_at, and the beginning of their refusals'
codes (`flow` gives flow_say_why, flow_in_other_state, flow_own_draft).
"""

from datetime import datetime
from typing import Any, Protocol

from portal.identity.actor import Actor
from portal.identity.rules import may_review
from portal.kernel.errors import Invalid, Refused

OPEN = ("draft", "review")
LONGEST = 400


class Drafted(Protocol):
    """What a row of versions has."""

    state: Any
    version: Any
    hands: Any
    by_id: Any
    reviewed_by: Any
    reviewed_at: Any


def in_state(row: Any, codes: str, *states: str) -> None:
    """Raises Refused unless the row is in one of these states."""
    if row.state not in states:
        raise Refused(f"{codes}_in_other_state", version=row.version, state=f"term:policy_state.{row.state}")


def by_another(row: Drafted, codes: str, actor: Actor, now: datetime) -> None:
    """Notes who reviews a version that was handed in. Raises Refused for whoever had a hand in it."""
    in_state(row, codes, "review")
    if not may_review(actor.id, row.hands):
        raise Refused(f"{codes}_own_draft", version=row.version)
    row.reviewed_by, row.reviewed_at = actor.id, now


def said(words: str, codes: str) -> str:
    """Words that somebody had to write. Raises Invalid."""
    text = words.strip()
    if len(text) < 2:
        raise Invalid(f"{codes}_say_why", field="why")
    return text[:LONGEST]
