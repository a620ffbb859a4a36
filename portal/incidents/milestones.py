"""Milestones of an incident and the figures between them (EM8): each figure is the later minus the earlier. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.incidents import closing_events as e
from portal.kernel.errors import Invalid

CODES = (
    "occurred", "discovered", "reported", "declared", "activated", "on_post", "announced", "controlled", "restored",
    "closed", "reviewed",
)  # fmt: skip
BY_HAND = ("occurred", "discovered", "announced", "controlled", "restored")  # people know these better than the portal
NEEDED = ("on_post", "announced", "controlled", "restored")  # before an incident ends
AFTER_END = ("controlled", "restored", "closed", "reviewed")  # no longer true once it goes on
# figure -> the milestone it begins with, the one it ends with
FIGURES = {
    "to_discover": ("occurred", "discovered"),
    "to_report": ("discovered", "reported"),
    "to_declare": ("reported", "declared"),
    "to_post": ("declared", "on_post"),
    "to_announce": ("declared", "announced"),
    "to_control": ("declared", "controlled"),
    "to_restore": ("occurred", "restored"),
    "to_close": ("restored", "closed"),
    "to_review": ("closed", "reviewed"),
}


def figures(moments: Mapping[str, datetime]) -> dict[str, int | None]:
    """Seconds of each figure, None where a milestone is not known; never negative, for `at` refuses what would be."""
    found: dict[str, int | None] = {}
    for figure, (first, last) in FIGURES.items():
        known = first in moments and last in moments
        found[figure] = int((moments[last] - moments[first]).total_seconds()) if known else None
    return found


def missing(incident: Any) -> list[str]:
    """The milestones that an end needs and that are not known."""
    known = {m.code for m in incident.milestones}
    return [code for code in NEEDED if code not in known]


def at(incident: Any, now: datetime, code: str, moment: datetime, basis: str) -> e.MilestoneSet:
    """When it really was. Raises Invalid for the future, and where a figure would be negative."""
    if code not in BY_HAND:
        raise Invalid("not_on_scale", field="code")
    if moment > now:
        raise Invalid("milestone_ahead", field="moment")
    if not basis.strip():
        raise Invalid("words_missing", field="basis")
    moments = {m.code: m.at for m in incident.milestones}
    before = moments.get(code)
    wrong = [f for f, seconds in figures(moments | {code: moment}).items() if seconds is not None and seconds < 0]
    if wrong:
        first, last = FIGURES[wrong[0]]
        raise Invalid("milestone_order", field="moment", first=f"term:milestone.{first}", last=f"term:milestone.{last}")
    return e.MilestoneSet(
        code, int(moment.timestamp()), None if before is None else int(before.timestamp()), basis.strip()
    )
