"""What a hand-over sheet holds and how it is accepted. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.kernel.errors import Invalid, Refused

LONGEST_NOTE = 600
NEXT_SHIFT = timedelta(hours=8)  # where the roster names no next shift
WHY = ("open", "callback", "promise", "reply")


def covers(now: datetime, ends: Iterable[datetime]) -> datetime:
    """Until when the next shift lasts: the latest end of the shifts that come next, else eight hours from now."""
    return max((end for end in ends if end > now), default=now + NEXT_SHIFT)


def noted(text: str) -> str:
    """The giver's words without blanks around them. Raises Invalid."""
    if len(text.strip()) > LONGEST_NOTE:
        raise Invalid("sheet_note_long", field="note", most=LONGEST_NOTE)
    return text.strip()


def may_accept(giver_id: int, accepted_by: int | None, accepted_name: str, person_id: int) -> bool:
    """Whether this person accepts it now; False when it is done by the same one already. Raises Refused."""
    if giver_id == person_id:
        raise Refused("own_sheet")
    if accepted_by is None:
        return True
    if accepted_by != person_id:
        raise Refused("sheet_accepted", name=accepted_name)
    return False


def ticked(lines: Sequence[dict[str, Any]], wanted: Iterable[int]) -> list[int]:
    """Ids of the cases on the sheet that were ticked, in the order of the sheet."""
    chosen = set(wanted)
    return [line["case"] for line in lines if line["case"] in chosen]
