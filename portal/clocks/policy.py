"""A policy version as values: its rows, how they combine, what a decision looks like (SL2, SL10)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from portal.clocks.ladder import Ladder, PolicyRefused, load_ladder

LEVELS = ("P1", "P2", "P3", "P4")
UNJUDGED = "unjudged"
COMBINES = ("stricter", "level", "channel")
UNITS = ("s", "wd", "w", "contact", "talk", "left", "instant")
TIMELESS = ("contact", "talk")
DERIVED = ("left", "instant")  # limits that hang on another clock or on what was promised
CONDITIONS = frozenset(
    {
        *("urgent", "not_urgent", "working_day", "other_day"),
        *("simple", "complex", "live", "first", "later", "line_free", "line_busy"),
    }
)


@dataclass(frozen=True)
class Row:
    """One limit: for a level (or "any") or a channel, under conditions, in a unit on a calendar."""

    id: str
    kind: str
    level: str | None
    channel: str | None
    when: tuple[str, ...]
    amount: int
    unit: str
    calendar: str
    clause: str
    house: bool
    pausable: bool
    warn_share: float

    @property
    def side(self) -> str:
        """Which table the row belongs to: level or channel."""
        return "level" if self.channel is None else "channel"

    def fits(self, level: str, channel: str, truths: frozenset[str]) -> bool:
        """Does the row speak about such a case?"""
        mine = self.channel == channel if self.side == "channel" else self.level in ("any", level)
        return mine and truths.issuperset(self.when)


@dataclass(frozen=True)
class Policy:
    """One version of all limits."""

    version: int
    effective_from: str
    day_calendar: str
    warn_from: int
    never_pause: frozenset[str]
    leads: Mapping[str, str]
    channels: frozenset[str]
    live: frozenset[str]
    combine: Mapping[str, Mapping[str, str]]
    rows: tuple[Row, ...]
    by_kind: Mapping[str, tuple[Row, ...]]
    ladder: Ladder


class Lost(NamedTuple):
    """A row that fitted but did not decide, and where it would have ended."""

    row: Row
    due: int


@dataclass(frozen=True)
class Decision:
    """The row that won for one kind of clock, what it leads to, and what it won against (epoch seconds).

    `budget` is working seconds on the row's calendar between start and due. `met_by_taking`: the customer
    is on a live channel, so this clock stops at its start, when the request is taken (SL1).
    """

    kind: str
    level: str
    judged: bool
    policy_version: int
    calendar_version: int
    combine: str
    winner: Row
    losers: tuple[Lost, ...]
    start: int
    due: int
    warn: int | None
    budget: int
    pausable: bool
    provisional: bool
    met_by_taking: bool

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data; decision_from_data gives an equal decision back."""
        return asdict(self) | {"losers": [{"row": asdict(lost.row), "due": lost.due} for lost in self.losers]}


def decision_from_data(data: Mapping[str, Any]) -> Decision:
    """A stored decision."""
    losers = tuple(Lost(_stored_row(lost["row"]), lost["due"]) for lost in data["losers"])
    return Decision(**{**data, "winner": _stored_row(data["winner"]), "losers": losers})


def _stored_row(data: Mapping[str, Any]) -> Row:
    return Row(**{**data, "when": tuple(data["when"])})


def load_policy(data: Mapping[str, Any]) -> Policy:
    """A policy from its stored or seeded data; refuses what would leave a case without a sound limit."""
    channels = data["channels"]
    rows = tuple(_row(raw, data) for raw in data["rows"])
    _check_whole(rows, data["combine"])
    kinds = dict.fromkeys(row.kind for row in rows)
    return Policy(
        version=data["version"],
        effective_from=str(data["effective_from"]),
        day_calendar=data["day_calendar"],
        warn_from=data["warn_from"],
        never_pause=frozenset(data["never_pause"]),
        leads=dict(data["leads"]),
        channels=frozenset(channels),
        live=frozenset(name for name, facts in channels.items() if facts["live"]),
        combine={kind: dict(rules) for kind, rules in data["combine"].items()},
        rows=rows,
        by_kind={kind: tuple(row for row in rows if row.kind == kind) for kind in kinds},
        ladder=load_ladder(data.get("ladder")),
    )


def _row(raw: Mapping[str, Any], data: Mapping[str, Any]) -> Row:
    """One row, checked on its own."""
    row = Row(
        id=raw["id"],
        kind=raw["kind"],
        level=raw.get("level"),
        channel=raw.get("channel"),
        when=tuple(raw.get("when", ())),
        amount=raw["amount"],
        unit=raw["unit"],
        calendar=raw["calendar"],
        clause=raw["clause"],
        house=raw.get("house", False),
        pausable=raw.get("pausable", False),
        warn_share=raw.get("warn_share", data["warn_share"]),
    )
    for code, wrong in _faults(row, data["channels"]):
        if wrong:
            raise PolicyRefused(code, row=row.id)
    return row


def _faults(row: Row, channels: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """Everything that can be wrong with one row."""
    yield "policy_row_applies_to_nothing", (row.level is None) == (row.channel is None)
    yield "policy_level_unknown", row.level not in (None, "any", *LEVELS)
    yield "policy_channel_unknown", row.channel is not None and row.channel not in channels
    yield "policy_condition_unknown", not set(row.when) <= CONDITIONS
    yield "policy_unit_unknown", row.unit not in UNITS
    yield "policy_limit_not_positive", row.unit not in (*TIMELESS, "instant") and row.amount <= 0
    yield "policy_warn_share_bad", not 0 < row.warn_share < 1


def _check_whole(rows: tuple[Row, ...], combine: Mapping[str, Mapping[str, str]]) -> None:
    """Ids are unique, every kind combines somehow at every level, no level lacks its two main limits."""
    ids = [row.id for row in rows]
    for twice in {name for name in ids if ids.count(name) > 1}:
        raise PolicyRefused("policy_row_twice", row=twice)
    for kind in {row.kind for row in rows}:
        for level in (UNJUDGED, *LEVELS):
            if combine.get(kind, {}).get(level) not in COMBINES:
                raise PolicyRefused("policy_combine_missing", kind=kind, level=level)
    for level in LEVELS:
        for kind in ("first_response", "result"):
            if not any(row.kind == kind and row.level == level for row in rows):
                raise PolicyRefused("policy_level_without_limit", kind=kind, level=level)
