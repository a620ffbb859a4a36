"""A policy version as values: its rows, how they combine, what a decision looks like (SL2, SL10)."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from portal.clocks.ladder import Ladder, PolicyRefused, load_ladder
from portal.clocks.silence import Silence, load_silence

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
    customer_class: str | None = None
    request_type: str | None = None

    @property
    def side(self) -> str:
        """Which table the row belongs to: level or channel."""
        return "level" if self.channel is None else "channel"

    @property
    def special(self) -> int:
        """How special the row is: how many of customer class and request type it names (ADR 9)."""
        return (self.customer_class is not None) + (self.request_type is not None)

    @property
    def cell(self) -> tuple[Any, ...]:
        """What the row speaks about; two rows of one cell would contradict each other."""
        return self.kind, self.level, self.channel, frozenset(self.when), self.customer_class, self.request_type

    def fits(
        self, level: str, channel: str, truths: frozenset[str], customer_class: str = "", request_type: str = ""
    ) -> bool:
        """Does the row speak about such a case? Without class and type it speaks about all of them."""
        mine = self.channel == channel if self.side == "channel" else self.level in ("any", level)
        return (
            mine
            and self.customer_class in (None, customer_class)
            and self.request_type in (None, request_type)
            and truths.issuperset(self.when)
        )


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
    silence: Mapping[str, Silence]
    asks_class: bool = False
    reopen_days: int = 30  # QU9 [H]
    notices_a_minute: int = 10  # SL8 [H]


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


def load_policy(data: Mapping[str, Any], calendars: Container[str] | None = None) -> Policy:
    """A policy from its stored or seeded data; refuses what would leave a case without a sound limit.

    `calendars` are the codes a limit may run on (None: not asked). A row that is `off` ("none") stays in the document
    and sets no limit.
    """
    channels = data["channels"]
    rows = tuple(_row(raw, data) for raw in data["rows"] if not raw.get("off"))
    _check_whole(rows, data["combine"])
    if calendars is not None:
        _check_calendars(rows, data["day_calendar"], calendars)
    kinds = dict.fromkeys(row.kind for row in rows)
    return Policy(
        version=data["version"],
        effective_from=str(data["effective_from"]),
        day_calendar=data["day_calendar"],
        warn_from=data["warn_from"],
        reopen_days=data.get("reopen_days", 30),
        notices_a_minute=data.get("notices_a_minute", 10),
        never_pause=frozenset(data["never_pause"]),
        leads=dict(data["leads"]),
        channels=frozenset(channels),
        live=frozenset(name for name, facts in channels.items() if facts["live"]),
        combine={kind: dict(rules) for kind, rules in data["combine"].items()},
        rows=rows,
        by_kind={kind: tuple(row for row in rows if row.kind == kind) for kind in kinds},
        ladder=load_ladder(data.get("ladder")),
        silence=load_silence(data.get("stale")),
        asks_class=any(row.customer_class is not None for row in rows),
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
        customer_class=raw.get("customer_class"),
        request_type=raw.get("request_type"),
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
    """No row stands twice, every kind combines somehow at every level, no level lacks its two main limits."""
    ids, cells = Counter(row.id for row in rows), Counter(row.cell for row in rows)
    for row in rows:
        if ids[row.id] > 1 or cells[row.cell] > 1:
            raise PolicyRefused("policy_row_twice", row=row.id)
    for kind in dict.fromkeys(row.kind for row in rows):
        for level in (UNJUDGED, *LEVELS):
            _check_combine(kind, level, combine.get(kind, {}).get(level))
    for level in LEVELS:
        for kind in ("first_response", "result"):
            if not any(row.kind == kind and row.level == level and not row.when and not row.special for row in rows):
                raise PolicyRefused("policy_level_without_limit", kind=kind, level=level)


def _check_combine(kind: str, level: str, how: str | None) -> None:
    if how is None:
        raise PolicyRefused("policy_combine_missing", kind=kind, level=level)
    if how not in COMBINES:
        raise PolicyRefused("policy_combine_unknown", kind=kind, level=level, how=how)


def _check_calendars(rows: tuple[Row, ...], day_calendar: str, calendars: Container[str]) -> None:
    """Every limit runs on a calendar there is, and so does the one that tells working days from others."""
    if day_calendar not in calendars:
        raise PolicyRefused("policy_calendar_unknown", row="day_calendar", calendar=day_calendar)
    for row in rows:
        if row.calendar not in calendars:
            raise PolicyRefused("policy_calendar_unknown", row=row.id, calendar=row.calendar)
