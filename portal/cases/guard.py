"""What becomes of a restricted case: its row shows nothing in any list, its readers see it whole. Pure.

Title and customer move from the row into `restricted`, so no queue, list, count or search has to know about it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from portal.cases.guard_events import Disposed, Restricted, Unrestricted
from portal.kernel.errors import Invalid, Refused

GROUNDS = ("staff", "law", "other")
HIDDEN = ("title", "customer_name", "contact", "caller")
SHUT = "***"
WRITTEN = (
    "title", "description", "demand", "happened", "order_no", "product", "symptom", "source", "customer_name",
    "contact", "caller", "result", "cause", "plan",
)  # fmt: skip
GATHERED = (
    "extra", "checked", "extension", "dispute", "duties", "owed", "links", "correction", "ending", "messages",
    "restricted",
)  # fmt: skip


def restrict(case: Any, *, readers: Iterable[tuple[int, str]], ground: str, reason: str, by: int) -> Restricted:
    """The named readers; whoever works on an open case and whoever restricts it are among them."""
    named = dict(readers)
    if ground not in GROUNDS:
        raise Invalid("choose_ground", field="ground")
    if len(reason.strip()) < 2:
        raise Invalid("text_missing", field="reason")
    if by not in named:
        raise Invalid("reader_yourself", field="readers")
    if case.open and case.owner_id and case.owner_id not in named:
        raise Invalid("reader_owner", field="readers", name=case.owner_name)
    return Restricted(tuple(named), tuple(named.values()), ground, reason.strip())


def lift(case: Any, *, reason: str) -> Unrestricted:
    """Ends the restriction."""
    if not case.restricted:
        raise Refused("not_restricted")
    if len(reason.strip()) < 2:
        raise Invalid("text_missing", field="reason")
    return Unrestricted(reason.strip())


def _restricted(case: Any, event: Restricted, at: datetime, by: int) -> None:
    kept = case.restricted or {}
    case.restricted = kept | {"readers": list(event.readers), "names": list(event.names), "ground": event.ground}


def _unrestricted(case: Any, event: Unrestricted, at: datetime, by: int) -> None:
    kept, case.restricted = case.restricted, None
    for name in HIDDEN:
        setattr(case, name, kept.get(name, ""))


def keep(case: Any) -> None:
    """After each event: what the row of a restricted case must not show goes to its readers' side."""
    kept = case.restricted
    for name in HIDDEN if kept else ():
        value = getattr(case, name)
        if name not in kept or value not in (SHUT, ""):
            kept = kept | {name: value}
        setattr(case, name, SHUT if value and name != "contact" else "")
    case.restricted = kept


def _disposed(case: Any, event: Disposed, at: datetime, by: int) -> None:
    """Everything a person wrote or is called goes; levels, departments, times, outcome and rating stay for figures."""
    case.disposed = event.batch
    for name in WRITTEN:
        setattr(case, name, "")
    for name in GATHERED:
        setattr(case, name, None)


APPLY: dict[type[Any], Callable[[Any, Any, datetime, int], None]] = {
    Restricted: _restricted, Unrestricted: _unrestricted, Disposed: _disposed,
}  # fmt: skip


TELLERS: dict[str, Any] = {
    "Restricted": lambda f: ("、".join(f["names"]), "", f["reason"], False),
    "Disposed": lambda f: (f["batch"], "", "", False),
    "Unrestricted": lambda f: ("", "", f["reason"], False),
}


class Whole:
    """A restricted case as its readers see it: the row, with what it does not show."""

    def __init__(self, case: Any) -> None:
        self._case = case

    def __getattr__(self, name: str) -> Any:
        kept = self._case.restricted
        return kept[name] if name in HIDDEN and name in kept else getattr(self._case, name)


def whole(case: Any) -> Any:
    """The case as its readers see it."""
    return Whole(case) if case.restricted else case
