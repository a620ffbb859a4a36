"""What a shift must be. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.kernel.errors import Invalid

KINDS = ("hotline", "desk", "field", "night", "command", "standby")
LONGEST = timedelta(hours=24)  # EM10 names none; a longer one is a slip of the date [H]
LONGEST_NOTE = 600


def check(begin: datetime, end: datetime, others: Iterable[tuple[datetime, datetime]]) -> None:
    """A shift ends after it begins, within a day, and meets no other shift of the same person. Raises Invalid."""
    if end <= begin:
        raise Invalid("shift_ends_before", field="until")
    if end - begin > LONGEST:
        raise Invalid("shift_too_long", field="until", hours=int(LONGEST.total_seconds() // 3600))
    for since, until in others:
        if begin < until and since < end:
            raise Invalid("shift_overlaps", field="person", since=int(since.timestamp()), until=int(until.timestamp()))


def noted(text: str) -> str:
    """A hand-over note without blanks around it; an empty one takes it back. Raises Invalid."""
    if len(text.strip()) > LONGEST_NOTE:
        raise Invalid("shift_note_long", field="note", most=LONGEST_NOTE)
    return text.strip()
