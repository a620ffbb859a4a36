"""A workflow as data: its steps, who holds them, what they need, and where each way out leads."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal

Kind = Literal["task", "decision", "sheets", "end"]
EvidenceKind = Literal["text", "number", "date", "choice", "document", "check", "reservation"]
# holders known only when an order runs: who raised it, the customer's department, what the step before chose, outside
RAISER, CUSTOMER, CHOSEN, OUTSIDE = "@raiser", "@customer", "@chosen", "@outside"


KEPT = frozenset(("first", "steps"))  # written even when empty


@dataclass(frozen=True)
class Name:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Choice:
    """One entry of a short list: a reason for a return, a way out of a decision, a value of a field."""

    code: str
    name: Name
    next: tuple[str, ...] = ()  # decisions only: the steps that begin
    closed: bool = False  # of a shared list: known, no longer offered


@dataclass(frozen=True)
class Evidence:
    """What a step asks for: a field, a document or a check. A required one has to be there before the step is done."""

    code: str
    name: Name
    kind: EvidenceKind = "text"
    required: bool = True
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Return:
    """Where a step may send the work back to, if that step was done in this order; a reason, and a new round there."""

    to: str
    reasons: tuple[Choice, ...]


@dataclass(frozen=True)
class Limit:
    """How long a step may take: `share` percent of the whole order's limit, or `fixed` as parse_limit reads it."""

    share: int = 0
    fixed: str = ""
    calendar: str = ""  # empty: the order's own
    clause: str = ""  # the requirement that asks for it; [H] = a house default that no rule gives


@dataclass(frozen=True)
class Step:
    """One step.

    `task` is done with its evidence and begins all of `next`. `decision` is done by choosing one of `outcomes`; with
    `decided_by` the order's field of that name decides by itself. `sheets` sends a numbered sheet to each unit chosen
    (of `units`, or any when empty) at once; every unit feeds back, then the holder collects and completes. `end` ends
    the order with `result`.
    A step with `waits_for` begins only when all those steps are done in the present round.
    """

    code: str
    name: Name
    kind: Kind = "task"
    holder: str = ""  # a unit's code, or RAISER, CUSTOMER, CHOSEN, OUTSIDE
    role: str = ""  # who within the unit is asked first, a role's code; empty: anybody who may handle
    limit: Limit = Limit()
    next: tuple[str, ...] = ()
    outcomes: tuple[Choice, ...] = ()
    decided_by: str = ""
    waits_for: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    returns: tuple[Return, ...] = ()
    tells: tuple[str, ...] = ()  # units (or RAISER, CUSTOMER) told when the step is done
    sheet: Name | None = None  # the printed sheet this step makes, numbered when the step begins
    result: Literal["", "completed", "declined", "cancelled"] = ""


@dataclass(frozen=True)
class Definition:
    """One version of a flow. `first` begins when an order is raised; `limit` is the whole order's, in `calendar`."""

    flow: str
    version: int
    name: Name
    limit: str
    calendar: str
    first: tuple[str, ...]
    steps: tuple[Step, ...]
    fields: tuple[Evidence, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)  # customer class -> another whole limit (WF4)
    clause: str = ""  # the requirement behind `limit`

    def step(self, code: str) -> Step:
        """The step of that code. Raises KeyError."""
        return self.by_code[code]

    @cached_property
    def by_code(self) -> dict[str, Step]:
        """The steps by their codes."""
        return {s.code: s for s in self.steps}


def from_data(data: Mapping[str, Any], version: int = 1) -> Definition:
    """A definition from its YAML or JSON form; defaults for what is missing. KeyError, TypeError if misshapen."""
    return Definition(
        flow=data["flow"],
        version=version,
        name=_name(data["name"]),
        limit=str(data["limit"]),
        calendar=data["calendar"],
        first=tuple(data["first"]),
        steps=tuple(_step(s) for s in data["steps"]),
        fields=tuple(_evidence(e) for e in data.get("fields", ())),
        classes=dict(data.get("classes", {})),
        clause=data.get("clause", ""),
    )


def to_data(definition: Definition) -> dict[str, Any]:
    """The JSON form of a definition, without what is the default: from_data(to_data(d)) == d but for the version."""
    data = _short(definition)
    del data["version"]
    return data


def _short(thing: Any) -> Any:
    """Plain data of a dataclass, tuples as lists, without fields that hold their defaults."""
    if is_dataclass(thing):
        rows = ((f.name, getattr(thing, f.name), f) for f in fields(thing))
        return {name: _short(value) for name, value, f in rows if f.name in KEPT or value != _default(f)}
    if isinstance(thing, tuple):
        return [_short(one) for one in thing]
    return dict(thing) if isinstance(thing, Mapping) else thing


def _default(f: Any) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default


def _name(data: Mapping[str, str]) -> Name:
    return Name(data["zh"], data["en"])


def _choices(rows: Sequence[Mapping[str, Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(r["code"], _name(r["name"]), tuple(r.get("next", ()))) for r in rows)


def _evidence(row: Mapping[str, Any]) -> Evidence:
    return Evidence(
        row["code"],
        _name(row["name"]),
        row.get("kind", "text"),
        row.get("required", True),
        _choices(row.get("choices", ())),
    )


def _step(row: Mapping[str, Any]) -> Step:
    plain: dict[str, Any] = {k: row[k] for k in ("code", "kind", "holder", "role", "decided_by", "result") if k in row}
    lists: dict[str, Any] = {k: tuple(row[k]) for k in ("next", "waits_for", "units", "tells") if k in row}
    return Step(
        name=_name(row["name"]),
        limit=Limit(**row.get("limit", {})),
        outcomes=_choices(row.get("outcomes", ())),
        evidence=tuple(_evidence(e) for e in row.get("evidence", ())),
        returns=tuple(Return(r["to"], _choices(r["reasons"])) for r in row.get("returns", ())),
        sheet=_name(row["sheet"]) if "sheet" in row else None,
        **plain,
        **lists,
    )
