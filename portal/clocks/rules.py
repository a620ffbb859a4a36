"""Which limit binds a case (SL2): facts and a policy version in, a decision with its losers out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from portal.clocks.calendar import Calendar, provisional
from portal.clocks.deadlines import Segment, deadline, limit_text, parse_limit, state_of, warning_point
from portal.clocks.explanation import explain
from portal.clocks.policy import DERIVED, TIMELESS, Decision, Lost, Policy, Row, decision_from_data, load_policy

__all__ = [
    "Decision",
    "Facts",
    "Policy",
    "Segment",
    "deadline",
    "decide",
    "decision_from_data",
    "explain",
    "limit_text",
    "load_policy",
    "parse_limit",
    "state_of",
    "warning_point",
]


@dataclass(frozen=True)
class Facts:
    """What the limits depend on; `level` is the judged one, `later` = progress after the first contact."""

    channel: str
    level: str | None
    proposed_level: str | None
    urgent: bool
    complexity: Literal["simple", "complex"]
    received: int
    later: bool = False
    line_busy: bool = False
    customer_class: str = ""
    request_type: str = ""

    @property
    def governing_level(self) -> str:
        """The judged level, else the stricter of the proposal (none: P3) and the urgency (P2) (SL5)."""
        if self.level is not None:
            return self.level
        proposal = self.proposed_level or "P3"
        return min(proposal, "P2") if self.urgent else proposal


def truths_of(policy: Policy, calendars: Mapping[str, Calendar], facts: Facts) -> frozenset[str]:
    """The conditions of policy rows that hold for a case."""
    days = calendars[policy.day_calendar]
    working = days.is_working_day(days.local_date(facts.received))
    urgent = facts.urgent or facts.governing_level in ("P1", "P2")
    named = {
        "urgent" if urgent else "not_urgent",
        "working_day" if working else "other_day",
        facts.complexity,
        "later" if facts.later else "first",
        "line_busy" if facts.line_busy else "line_free",
    }
    return frozenset(named | ({"live"} if facts.channel in policy.live else set()))


def decide(policy: Policy, calendars: Mapping[str, Calendar], kind: str, facts: Facts, start: int) -> Decision | None:
    """The limit that binds one kind of clock from its start (SL2); None = no row speaks about such a case."""
    level, rows = facts.governing_level, speaking(policy, kind, facts, truths_of(policy, calendars, facts))
    bids = [Lost(row, due_of(row, calendars, start)) for row in rows]
    best = binding(policy, kind, facts, bids)
    if best is None:
        return None
    row, calendar = best.row, calendars[best.row.calendar]
    return Decision(
        kind=kind,
        level=level,
        judged=facts.level is not None,
        policy_version=policy.version,
        calendar_version=calendar.version,
        combine=combine_of(policy, kind, facts),
        winner=row,
        losers=tuple(bid for bid in bids if bid is not best),
        start=start,
        due=best.due,
        warn=warning_point(calendar, start, best.due, row.warn_share, policy.warn_from),
        budget=calendar.between(start, best.due),
        pausable=row.pausable and level not in policy.never_pause,
        provisional=provisional(calendar, best.due, start),
        met_by_taking=kind == "first_response" and facts.channel in policy.live,
    )


def speaking(policy: Policy, kind: str, facts: Facts, truths: frozenset[str]) -> list[Row]:
    """The rows that end at an instant and speak about the case: of each side only the most special ones (ADR 9)."""
    level, who, what = facts.governing_level, facts.customer_class, facts.request_type
    rows = [row for row in policy.by_kind.get(kind, ()) if row.fits(level, facts.channel, truths, who, what)]
    most: dict[str, int] = {}
    for row in rows:
        most[row.side] = max(row.special, most.get(row.side, 0))
    return [row for row in rows if row.special == most[row.side] and row.unit not in ("talk", *DERIVED)]


def combine_of(policy: Policy, kind: str, facts: Facts) -> str:
    """How level and channel of one kind meet for such a case: stricter, level or channel."""
    return policy.combine[kind][facts.level or "unjudged"]


def binding(policy: Policy, kind: str, facts: Facts, bids: Sequence[Lost]) -> Lost | None:
    """The bid that binds: the earliest of the sides that count; the level's where both end at one instant."""
    combine = combine_of(policy, kind, facts) if bids else "stricter"
    bidders = [bid for bid in bids if combine in ("stricter", bid.row.side)]
    return min(bidders, key=lambda bid: (bid.due, bid.row.side == "channel"), default=None)


def due_of(row: Row, calendars: Mapping[str, Calendar], start: int) -> int:
    """Where a row ends from a start, without pauses; at the start itself for what is owed in the contact."""
    return start if row.unit in TIMELESS else calendars[row.calendar].due(start, row.amount, row.unit)
