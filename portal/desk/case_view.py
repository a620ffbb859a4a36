"""Everything the case page shows, read in few queries: the case, its clocks, its history, its customer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.cases import queries
from portal.cases.models import Case
from portal.cases.telling import Entry, told
from portal.clocks import book, rules
from portal.clocks.keeper import decision_of, epoch, segments_of, stretches_for
from portal.clocks.models import Clock
from portal.clocks.policy import LEVELS, TIMELESS
from portal.clocks.policy_view import limit_words
from portal.directory.rules import masked_name, masked_phone
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import clockspan, hm, instant, listed, local, term
from portal.kernel.i18n import gettext as _

_kept: dict[str, tuple[Any, Any]] = {}


@dataclass(frozen=True)
class Tile:
    """One clock as the strip shows it."""

    id: int
    kind: str
    state: str
    name: str
    note: tuple[str, ...]
    text: str = ""
    due_at: int | None = None
    started: int | None = None
    warn: int | None = None
    current: bool = False


@dataclass(frozen=True)
class View:
    """The page's data."""

    case: Case
    unit: str
    tiles: list[Tile]
    history: list[Entry]
    contact: str
    customer: str
    others: list[Case] = field(default_factory=list)
    into: str = ""
    expects_sooner: bool = False


def names() -> dict[int, str]:
    """Names of people, kept until something about people changes."""
    return _keep("names", people.names)


def units() -> dict[int, str]:
    """Names of units, kept likewise."""
    return _keep("units", lambda: {u.id: u.name for u in people.units()})


def _keep(key: str, read: Any) -> Any:
    version = (feed.version("identity"), feed.feed.epoch, str(db.engine.url))
    found = _kept.get(key)
    if found is None or found[0] != version:
        found = _kept[key] = (version, read())
    return found[1]


def view(actor: Actor, case: Case, now: datetime) -> View:
    """The case as this person may see it."""
    rows = list(db.session.scalars(select(Clock).where(Clock.case_id == case.id).order_by(Clock.due_at, Clock.id)))
    known = may(actor, "customer.contact", case)
    into = db.session.get(Case, case.merged_into) if case.merged_into else None
    return View(
        case=case,
        unit=units().get(case.unit_id, ""),
        tiles=tiles(case, rows, epoch(now)),
        history=[told(line, names()) for line in queries.history(case)],
        contact=case.contact if known else masked_phone(case.contact),
        customer=case.customer_name if known else masked_name(case.customer_name),
        others=queries.cases_of(case.customer_id, case.id) if known else [],
        into=into.no if into else "",
        expects_sooner=case.open and _sooner(case, rows),
    )


def _sooner(case: Case, rows: list[Clock]) -> bool:
    """Whether the customer expects it before the limit of a result that is still to come."""
    pending = (row.effective_due for row in rows if row.kind == "result" and row.outcome == "running")
    return case.expected_at is not None and any(due > case.expected_at for due in pending)


def tiles(case: Case, rows: Iterable[Clock], now: int) -> list[Tile]:
    """The newest clock of each kind of this cycle, nearest due instant first; cancelled ones are left to the list."""
    newest: dict[str, Clock] = {}
    for row in rows:
        if (
            row.cycle == case.cycle
            and row.outcome != "cancelled"
            and (row.kind not in newest or row.round > newest[row.kind].round)
        ):
            newest[row.kind] = row
    shown = [
        tile(row, now, current=row.kind == case.clock_kind and row.outcome == "running") for row in newest.values()
    ]
    return sorted(shown, key=lambda t: (t.state in ("met", "missed"), t.due_at or 0))


def tile(row: Clock, now: int, *, current: bool) -> Tile:
    """One clock: its verdict, or where it stands."""
    due, started = epoch(row.effective_due), epoch(row.started_at)
    stopped = epoch(row.stopped_at) if row.stopped_at else None
    warn = epoch(row.warn_at) if row.warn_at else None
    state = rules.state_of(now, due, warn, stopped, epoch(row.paused_at) if row.paused_at else None)
    text = ""
    if state == "met" and stopped is not None:
        text = "✓ " + clockspan(stopped - started)
    elif state == "missed" and stopped is not None:
        text = _("Met late +%(span)s", span=clockspan(stopped - due))
    elif state == "paused" and row.paused_at:
        text = _("Paused, left %(span)s", span=clockspan(due - epoch(row.paused_at)))
    note: tuple[str, ...] = (
        _("Limit %(limit)s", limit=limit_words(row.amount, row.unit)),
        _("due %(at)s", at=hm(due, now)),
    )
    if row.unit in TIMELESS:
        note = (_("at once"),)
    if row.agreed_at:
        note = (_("Agreed %(at)s", at=hm(due, now)), _("was %(old)s", old=hm(epoch(row.due_at), now)))
    return Tile(row.id, row.kind, state, term(f"clock.{row.kind}"), note, text, due, started, warn, current)


def clock_by_id(case: Case, clock_id: int) -> Clock:
    """One of the case's clocks. Raises Missing."""
    row = db.session.get(Clock, clock_id)
    if row is None or row.case_id != case.id:
        raise Missing("not_found")
    return row


def why(case: Case, row: Clock, now: datetime) -> dict[str, Any]:
    """Why a clock is due when it is (SL9): rows of (name, text, figure, late) in reading order."""
    calendar = book.calendar(row.calendar, row.calendar_version)
    lines = rules.explain(
        decision_of(row), calendar, now=epoch(now), stopped=epoch(row.stopped_at) if row.stopped_at else None,
        paused=epoch(row.paused_at) if row.paused_at else None, segments=stretches_for(row, segments_of(case.id)),
    )  # fmt: skip
    rows = [r for line in lines for r in _line(line | {"kind": row.kind})]
    if row.agreed_at:
        told = _("with the customer, before the old time ran out")
        rows.insert(-1, Fact(_("Agreed"), told, instant(row.agreed_at)))
    title = _("%(clock)s is due by %(at)s", clock=term(f"clock.{row.kind}"), at=instant(row.effective_due))
    return {"title": title, "rows": rows, "foot": []}


class Fact(NamedTuple):
    """One line of the explanation in words; `id` is the rule's own name, for whoever looks it up."""

    name: str
    text: str
    figure: str = ""
    late: bool = False
    id: str = ""


def _line(line: dict[str, Any]) -> list[Fact]:
    """One line of the explanation in words."""
    return _LINES.get(line["row"], lambda f: [])(line)


def rule_words(rule: str, kind: str) -> str:
    """A rule's name in words: `P2 · result`, `E-mail · first response, urgent`."""
    side, _dot, rest = rule.partition(".")
    special = rest.removeprefix(kind).strip("_")
    words = side if side in LEVELS else _("every level") if side == "any" else term(f"channel.{side}")
    words += f" · {term('clock.' + kind)}"
    return words + (f" · {term('when.' + special)}" if special else "")


def _rule(f: dict[str, Any]) -> list[Fact]:
    mark = _(" (house default)") if f["house"] else ""
    text = _(
        "%(rule)s, by the %(clause)s%(mark)s, policy version %(policy)s",
        rule=rule_words(f["id"], f["kind"]), clause=term("clause." + f["clause"]), mark=mark, policy=f["policy"],
    )  # fmt: skip
    return [Fact(_("Rule"), text, limit_words(f["amount"], f["unit"]), id=f["id"])]


def _calendar(f: dict[str, Any]) -> list[Fact]:
    text = term("calendar." + f["code"]) + " " + _("version %(n)s", n=f["version"])
    if f["provisional"]:
        text += _("; the holidays of that year are not loaded yet")
    return [Fact(_("Calendar"), text)]


def _counted(f: dict[str, Any]) -> list[Fact]:
    spans = listed(f"{_hm(a)}–{_end(b)}" for a, b in f["spans"])
    return [Fact(_("Counted"), f"{f['date']} {spans}", clockspan(f["seconds"]))]


def _hm(seconds: int) -> str:
    return f"{local(seconds):%H:%M}"


def _end(seconds: int) -> str:
    """The end of a stretch: midnight is the end of its own day."""
    return "24:00" if _hm(seconds) == "00:00" else _hm(seconds)


def _pause(f: dict[str, Any]) -> list[Fact]:
    until = instant(f["to"]) if f["to"] else _("still running")
    seconds = "–" if f["seconds"] is None else clockspan(f["seconds"])
    return [Fact(_("Not counted"), f"{instant(f['from'])} – {until}", seconds)]


def _lost(f: dict[str, Any]) -> list[Fact]:
    rule = rule_words(f["id"], f["kind"])
    text = _("%(rule)s would have ended later or does not count here", rule=rule)
    return [Fact(_("Other rule"), text, instant(f["due"]), id=f["id"])]


def _holidays(f: dict[str, Any]) -> list[Fact]:
    days = listed(f"{d['date']} {d['name']}" for d in f["days"])
    return [Fact(_("Holidays"), days)]


def _verdict(f: dict[str, Any]) -> list[Fact]:
    late = f["late_seconds"] > 0
    figure = "+" + clockspan(f["late_seconds"]) if late else ""
    return [Fact(_("Verdict"), f"{term('clock_state.' + f['state'])} · {instant(f['at'])}", figure, late)]


_LINES: dict[str, Any] = {
    "start": lambda f: [Fact(_("Start"), instant(f["at"]))],
    "rule": _rule,
    "calendar": _calendar,
    "counted": _counted,
    "working_day": lambda f: [Fact(_("Working day"), f"{f['n']} · {f['date']}", _end(f["to"]))],
    "more": lambda f: [Fact(_("…"), _("%(n)s more days", n=f["days"]), clockspan(f["seconds"]))],
    "holidays": _holidays,
    "pause": _pause,
    "due": lambda f: [Fact(_("Due"), instant(f["at"]))],
    "lost": _lost,
    "verdict": _verdict,
}
