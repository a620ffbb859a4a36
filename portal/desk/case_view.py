"""Everything the case page shows, read in few queries: the case, its clocks, its history, its customer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.attachments import queries as files
from portal.attachments.models import Attachment
from portal.cases import queries
from portal.cases.matter_telling import value
from portal.cases.models import Case
from portal.cases.telling import Entry, standing, told
from portal.clocks import rules
from portal.clocks.foretold import Foretold, running
from portal.clocks.models import Clock
from portal.clocks.policy import TIMELESS
from portal.clocks.policy_view import limit_words
from portal.collaboration import task_queries
from portal.desk import major
from portal.desk.solving import text_of
from portal.directory import lists
from portal.directory.rules import masked_name, masked_phone
from portal.directory.sight import covered
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.intake.extras import labelled
from portal.journal.stream import Line
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import clockspan, hm, locale, term
from portal.kernel.i18n import gettext as _
from portal.kernel.instants import epoch
from portal.kernel.masking import numbers
from portal.knowledge.offers import language
from portal.knowledge.queries import fitting_articles
from portal.knowledge.rules import in_language

TEXTS = ("title", "description", "demand", "order_no", "result", "cause")
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
    provisional: bool = False
    help: str = ""


@dataclass(frozen=True)
class View:
    """The page's data."""

    case: Case
    unit: str
    tiles: list[Tile]
    history: list[Entry]
    contact: str
    customer: str
    others: list[queries.Other] = field(default_factory=list)
    into: str = ""
    expects_sooner: bool = False
    files: list[Attachment] = field(default_factory=list)
    articles: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    extra: list[tuple[str, str]] = field(default_factory=list)
    verify: int = 0
    duties: list[Any] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    agent: str = ""
    corrected: tuple[str, str] = ("", "")
    met: list[Tile] = field(default_factory=list)  # clocks already met: named, but behind their number
    caller: str = ""
    asks: frozenset[str] = frozenset()  # fields of which this reader does not see all, and may ask for them
    waits: str = ""  # for whom a confirmed case waits, and for what
    ahead: Foretold | None = None  # by when the customer hears from us, while nobody has judged the case
    unhappy: str = ""  # what the customer said of the last result, while the next one is awaited
    major: list[str] = field(default_factory=list)  # signs of a major complaint that is no incident yet


def names() -> dict[int, str]:
    """Names of people, kept until something about people changes."""
    return _keep("names", people.names)


def units() -> dict[int, str]:
    """Names of units in the reader's language, kept likewise."""
    return _keep(f"units.{locale()}", people.unit_names)


def _keep(key: str, read: Any) -> Any:
    version = (feed.version("identity"), feed.feed.epoch, str(db.engine.url))
    found = _kept.get(key)
    if found is None or found[0] != version:
        found = _kept[key] = (version, read())
    return found[1]


def view(actor: Actor, case: Case, now: datetime, rows: list[Clock]) -> View:
    """The case as this person may see it; `rows`: its clocks."""
    known = may(actor, "customer.contact", case)
    into = db.session.get(Case, case.merged_into) if case.merged_into else None
    history = queries.history(case)
    entries = [told(line, names()) for line in history]
    shown = tiles(case, rows, epoch(now))
    return View(
        case=case,
        unit=units().get(case.unit_id, ""),
        tiles=[t for t in shown if t.state != "met"],
        met=[t for t in shown if t.state == "met"],
        history=entries,
        waits=_waits(case),
        unhappy=_unhappy(case, history),
        ahead=running(case.level_now, rows) if case.open and not case.level else None,
        contact=case.contact if known else masked_phone(case.contact),
        customer=case.customer_name if known else masked_name(case.customer_name),
        caller=case.caller if known else masked_name(case.caller),
        asks=_asks(case, entries, covered(actor, case), known=known)
        if may(actor, "customer.reveal", case)
        else frozenset(),
        others=queries.others_of(case) if known else [],
        into=into.no if into else "",
        files=files.of_case(case.id),
        expects_sooner=case.open and _sooner(case, rows),
        articles=articles(case, now) if case.open and may(actor, "article.view") else [],
        extra=labelled(case.request_type, case.extra),
        verify=lists.item("type", case.request_type).least,
        duties=_duties(case),
        tasks=task_queries.of_case(case.id) if case.tasks_given else [],
        names=names(),
        agent=names().get(case.agent_id, ""),
        corrected=_corrected(case),
        major=major.signs_of(case, now),
    )


def _asks(case: Case, entries: list[Entry], kinds: frozenset[str], *, known: bool) -> frozenset[str]:
    """The fields of which something is hidden: names and contact, texts and entries with numbers of these kinds."""
    asks = set() if known else {"name", "contact", *(("caller",) if case.caller else ())}
    texts = {name: getattr(case, name) or "" for name in TEXTS} | {
        f"entry:{one.n}": f"{one.after} {one.detail} {one.quote}" for one in entries
    }
    return frozenset(asks | {name for name, said in texts.items() if {kind for kind, _ in numbers(said)} & kinds})


def articles(case: Case, now: datetime) -> list[tuple[str, dict[str, str]]]:
    """(number, texts) of the articles that fit the case, the best first."""
    found = fitting_articles(text_of(case), now)
    return [(one.code, in_language(one.data, language())) for one in found]


def _unhappy(case: Case, newest_first: list[Line]) -> str:
    """The customer's words that began this round, until its result is written."""
    if case.round == 1 or case.state not in ("to_accept", "in_work"):
        return ""
    return next((line.facts.get("words", "") for line in newest_first if line.kind == "NotSatisfied"), "")


def _waits(case: Case) -> str:
    """Who does what with a case that the customer has confirmed; empty for others."""
    if not case.open or standing(case) != "state.confirmed":
        return ""
    name = names().get(case.agent_id) or _("whoever took the request")
    if case.rated:
        return _("%(name)s closes the case", name=name)
    return _("%(name)s records the rating and closes the case", name=name)


def _corrected(case: Case) -> tuple[str, str]:
    """What a waiting correction changes, in words."""
    asked = case.correction
    return (value(asked["field"], asked["old"]), value(asked["field"], asked["new"])) if asked else ("", "")


def _duties(case: Case) -> list[dict[str, Any]]:
    """Departments with their duties; one that has only tasks stands without words."""
    named = [duty | {"unit": units().get(duty["unit_id"], duty["unit"])} for duty in case.duties or []]
    known = {duty["unit_id"] for duty in named}
    return named + [{"unit_id": n, "unit": units().get(n, ""), "duty": ""} for n in sorted(case.partner_ids - known)]


def _sooner(case: Case, rows: list[Clock]) -> bool:
    """Whether the customer expects it before the limit of a result that is still to come."""
    pending = (row.effective_due for row in rows if row.kind == "result" and row.outcome == "running")
    return case.expected_at is not None and any(due > case.expected_at for due in pending)


def tiles(case: Case, rows: Iterable[Clock], now: int) -> list[Tile]:
    """The newest clock of each kind of this cycle and the newest missed one of each, whatever its cycle and round.

    Running ones stand first, the nearest due instant leading, then the missed, then the met; cancelled ones are left
    to the list.
    """
    newest: dict[str, Clock] = {}
    missed: dict[str, Clock] = {}
    for row in sorted(rows, key=lambda row: (row.cycle, row.round, row.due_at)):
        if row.outcome == "missed":
            missed[row.kind] = row
        if row.cycle == case.cycle and row.outcome != "cancelled":
            newest[row.kind] = row
    chosen = {row.id: row for row in (*newest.values(), *missed.values())}.values()
    shown = [
        tile(row, now, current=row.kind == case.clock_kind and row.outcome == "running", of=case) for row in chosen
    ]
    order = {"missed": 1, "met": 2}
    return sorted(shown, key=lambda t: (order.get(t.state, 0), t.due_at or 0))


def tile(row: Clock, now: int, *, current: bool, of: Case | None = None) -> Tile:
    """One clock: its verdict, or where it stands; its cycle and round where they are not those of the case."""
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
    if of and (row.cycle, row.round) != (of.cycle, of.round) and state == "missed":
        note = (*turn_words(row), *note)
    name, told = term(f"clock.{row.kind}"), term(f"clock_help.{row.kind}")
    told = "" if told == row.kind else told
    return Tile(row.id, row.kind, state, name, note, text, due, started, warn, current, row.provisional, told)


def turn_words(row: Clock) -> tuple[str, ...]:
    """The cycle and the round a clock belongs to; no round where it is the first."""
    cycle = _("Cycle %(n)s", n=row.cycle)
    return (cycle, _("Round %(n)s", n=row.round)) if row.round > 1 else (cycle,)


def clock_by_id(case: Case, clock_id: int) -> Clock:
    """One of the case's clocks. Raises Missing."""
    row = db.session.get(Clock, clock_id)
    if row is None or row.case_id != case.id:
        raise Missing("not_found")
    return row
