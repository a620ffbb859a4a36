"""What the page of a group customer shows, made ready for the templates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.cases.models import Case
from portal.cases.queries import open_of_customers
from portal.clocks.policy_view import of_class
from portal.corporate import due_rules, listing, orders
from portal.corporate.models import Contact, Document, Due, GroupFile, Service
from portal.directory import queries as directory
from portal.directory.models import Customer
from portal.directory.rules import masked, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel.db import db
from portal.kernel.i18n import local, term

CASES = 50
MONTHS = range(1, 13)


class Person(NamedTuple):
    """A contact as somebody may read it; `clear`: nothing of it is masked."""

    n: int
    duty: str
    name: str
    mobile: str
    email: str
    note: str
    clear: bool


class Rate(NamedTuple):
    """How reports of a kind have been kept so far: the word, how many fell due, how many were in time, per cent."""

    word: str
    due: int
    met: int
    share: float | None


@dataclass(frozen=True)
class Year:
    """A year's maintenance: each item with its twelve months, and how many ticks are set."""

    year: int
    rows: list[tuple[str, list[Due | None]]]
    done: int
    planned: int
    late: int


@dataclass(frozen=True)
class View:
    """The page's data."""

    file: GroupFile
    customer: Customer
    main: Customer | None
    known: bool
    limits: list[tuple[str, str, str]]
    flow_limits: list[tuple[str, str]]
    theirs: list[Person]
    ours: list[Person]
    services: list[Service]
    gone: list[Service]
    cases: list[Case]
    open_cases: int
    orders: list[orders.Order]
    years: list[Year]
    plans: list[Due]
    reports: list[Due]
    rates: list[Rate]
    documents: list[Document]
    projects: list[listing.Work]
    next: list[Due]


def view(actor: Actor, file: GroupFile, now: datetime, *, known: bool) -> View:
    """The page; numbers of the customer's people are masked for those who do not need them."""
    customer = directory.customer(file.customer_id)
    ids = directory.family(directory.root(customer.id).id)
    dues = sorted(file.dues, key=lambda due: (due.due_at, due.n))
    shown = [due for due in dues if due.state != "dropped"]
    reports = [due for due in shown if due.kind == "report"]
    return View(
        file=file, customer=customer, known=known,
        main=directory.customer(customer.merged_into) if customer.merged_into else None,
        limits=of_class(customer.category, now), flow_limits=orders.limits_of(customer.category, now),
        theirs=[_person(c, known=known) for c in file.contacts if c.side == "theirs"],
        ours=[_person(c, known=True) for c in file.contacts if c.side == "ours"],
        services=[s for s in file.services if s.state != "closed"],
        gone=[s for s in file.services if s.state == "closed"],
        cases=_cases(actor, ids), open_cases=open_of_customers(ids), orders=orders.orders_of(actor, ids),
        years=years([due for due in shown if due.kind == "maintenance"], now),
        plans=[due for due in dues if due.kind == "optimisation"], reports=reports, rates=rates(reports, now),
        documents=sorted((d for d in file.documents if not d.withdrawn), key=lambda d: (d.topic == "report", -d.n)),
        projects=listing.projects(actor, now, listing.Wanted(customer=file.customer_id), size=10),
        next=_next(shown),
    )  # fmt: skip


def _next(dues: Iterable[Due]) -> list[Due]:
    """What comes next of each kind, the nearest first."""
    found: dict[str, Due] = {}
    for due in dues:
        if due.state == "open":
            found.setdefault(due.kind, due)
    return [found[kind] for kind in due_rules.OF_FILE if kind in found]


def _person(contact: Contact, *, known: bool) -> Person:
    if known:
        return Person(contact.n, contact.duty, contact.name, contact.mobile, contact.email, contact.note, True)
    email = masked_phone(contact.email) if contact.email else ""
    return Person(contact.n, contact.duty, masked("name", contact.name), masked_phone(contact.mobile), email, "", False)


def _cases(actor: Actor, ids: list[int]) -> list[Case]:
    """Open cases of the customer that this person may see, the newest first."""
    query = select(Case).where(Case.customer_id.in_(ids), Case.open).order_by(Case.id.desc()).limit(CASES)
    return [case for case in db.session.scalars(query) if may(actor, "case.view", case)]


def years(dues: Iterable[Due], now: datetime) -> list[Year]:
    """Maintenance by year, the present and later ones first; an item is a row."""
    found: dict[int, dict[str, list[Due | None]]] = {}
    for due in dues:
        year, _, month = due.period.partition("-")
        row = found.setdefault(int(year), {}).setdefault(due.title, [None] * 12)
        row[int(month) - 1] = due
    present = local(now).year
    order = sorted(found, key=lambda year: (year < present, abs(year - present)))
    return [_year(year, found[year], now) for year in order]


def _year(year: int, rows: dict[str, list[Due | None]], now: datetime) -> Year:
    dues = [due for row in rows.values() for due in row if due]
    done, late = sum(due.state == "done" for due in dues), sum(due.late(now) for due in dues)
    return Year(year, list(rows.items()), done, len(dues), late)


def rates(reports: Iterable[Due], now: datetime) -> list[Rate]:
    """By kind of report, the share in time of those that have fallen due or are done."""
    found: dict[str, list[int]] = {}
    for due in reports:
        counts = found.setdefault(due.code, [0, 0])
        if due.state == "done" or now > due.due_at:
            counts[0] += 1
            counts[1] += bool(due.on_time)
    return [
        Rate(term(f"report_kind.{code}"), all_, met, round(100 * met / all_, 1) if all_ else None)
        for code, (all_, met) in sorted(found.items())
    ]


def verdict(due: Due, now: datetime) -> tuple[str, str]:
    """How something due stands: (code of the word, look of its tag)."""
    if due.state == "done":
        return ("on_time", "ok") if due.on_time else ("done_late", "late")
    if due.state == "dropped":
        return "dropped", ""
    if due.late(now):
        return "late", "late"
    soon = due.notice_at is None or due.notice_at > due.due_at or due.notice_at <= now
    return ("soon", "warn") if soon else ("open", "")


def slips(due: Due) -> list[dict[str, Any]]:
    """Each move of a day: from, to (epoch seconds), why, by whom."""
    return [dict(zip(("was", "due", "reason", "by", "at"), move, strict=True)) for move in due.moves]
