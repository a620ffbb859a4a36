"""What may be taken back within ten seconds, and how the case stood before. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.cases.undo_events import Undone
from portal.kernel.errors import Refused
from portal.kernel.instants import epoch, epoch_or_none

WITHIN = timedelta(seconds=10)  # DK5
WRITTEN = frozenset(("sms", "email", "app", "chat", "letter"))
HELD = frozenset(("Claimed", "Assigned"))
LET_GO = frozenset(("Transferred", "Returned", "Escalated"))
REACHED = frozenset(("Told", "Planned"))


def undo(case: Any, lines: Sequence[Any], person_id: int, now: datetime, ended: datetime | None = None) -> Undone:
    """Takes the last entry of a case's journal back. Raises Refused: not one's own, not of these kinds, too late.

    The ten seconds count from the entry, or from the end of the act on many cases to which it belongs.
    """
    last = lines[-1]
    if last.by_id != person_id or not (last.kind in HELD or (is_message(last) and not case.paused)):
        raise Refused("nothing_to_undo", no=case.no)
    if now - max(last.at, ended or last.at) > WITHIN:
        raise Refused("too_late_to_undo", no=case.no, seconds=int(WITHIN.total_seconds()))
    before = lines[:-1]
    if last.kind in HELD:
        owner, name = _owner(before)
        state = "to_accept" if owner is None and case.state == "in_work" else case.state
        contact, responded = case.contact_at, case.responded_at
    else:
        owner, name, state = case.owner_id, case.owner_name, case.state
        contact, responded = _contacted(before), _responded(before)
    return Undone(
        last.n, last.kind, epoch(last.at), state, owner, name, epoch_or_none(contact), epoch_or_none(responded)
    )


def is_message(line: Any) -> bool:
    """Whether an entry is a written message of a person of ours to the customer."""
    f = line.facts
    return bool(
        line.kind == "Contacted" and f["direction"] == "out" and f["means"] in WRITTEN and not f.get("automatic")
    )


def _owner(lines: Sequence[Any]) -> tuple[int | None, str]:
    """Who held the case after these entries."""
    for line in reversed(lines):
        if line.kind in HELD:
            return line.facts["person_id"], line.facts["person"]
        if line.kind == "Undone":
            return line.facts["owner_id"], line.facts["owner"]
        if line.kind in LET_GO:
            return None, ""
    return None, ""


def _reached(line: Any) -> bool:
    f = line.facts
    spoken = line.kind == "Contacted" and f["direction"] == "out" and f["reached"] and f.get("by_person", True)
    return bool(spoken or line.kind in REACHED)


def _standing(lines: Sequence[Any]) -> list[Any]:
    """Entries by which the customer was reached, without those taken back."""
    back = {line.facts["entry"] for line in lines if line.kind == "Undone"}
    return [line for line in lines if line.n not in back and _reached(line)]


def _contacted(lines: Sequence[Any]) -> datetime | None:
    found = _standing(lines)
    return found[-1].at if found else None


def _responded(lines: Sequence[Any]) -> datetime | None:
    found = _standing(lines)
    return found[0].at if found else None
