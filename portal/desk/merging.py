"""What others may do between looking and sending (QU8): other fields merge, the same field is a conflict. Pure."""

from collections.abc import Iterable

ALL = frozenset(
    ("note", "chase", "contact", "level", "unit", "owner", "work", "result", "elements", "pause", "due", "end")
)
# which fields an entry of the journal writes; a kind that does not stand here writes all of them
WRITTEN: dict[str, frozenset[str]] = {
    "Noted": frozenset(("note",)), "Chased": frozenset(("chase",)), "Linked": frozenset(), "Unlinked": frozenset(),
    "IncidentNews": frozenset(),
    "Contacted": frozenset(("contact", "pause", "end")),
    "Judged": frozenset(("level", "unit", "owner", "due")),
    "Claimed": frozenset(("owner",)), "Assigned": frozenset(("owner",)),
    "Transferred": frozenset(("unit", "owner", "due")), "Returned": frozenset(("unit", "owner", "due")),
    "WorkStarted": frozenset(("work",)), "ResultWritten": frozenset(("result", "end")),
    "Completed": frozenset(("elements",)),
    "Paused": frozenset(("pause", "due")), "Resumed": frozenset(("pause", "due")),
    "Extended": frozenset(("due",)), "ExtensionDecided": frozenset(("due",)),
}  # fmt: skip
# which fields a deed depends on or writes; before one that does not stand here anything new is read first
USED: dict[str, frozenset[str]] = {
    "note": frozenset(("note",)), "chase": frozenset(("chase",)), "contact": frozenset(("contact",)),
    "link": frozenset(),
    "judge": frozenset(("level", "unit", "owner")), "claim": frozenset(("owner",)),
    "assign": frozenset(("owner", "unit")), "transfer": frozenset(("unit", "owner")), "work": frozenset(("work",)),
    "result": frozenset(("result",)), "complete": frozenset(("elements",)),
    "pause": frozenset(("pause",)), "resume": frozenset(("pause",)), "extend": frozenset(("due", "level")),
}  # fmt: skip


def conflict(deed: str, kinds: Iterable[str]) -> bool:
    """Whether entries of these kinds, made since the form was opened, wrote what this deed uses."""
    found = list(kinds)
    if deed not in USED:
        return bool(found)
    return any(USED[deed] & WRITTEN.get(kind, ALL) for kind in found)
