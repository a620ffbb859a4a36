"""Everything a customer's page shows: identities, class, marks, cases, contacts, promises, ratings, history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.cases.models import Case
from portal.cases.queries import open_of_customers
from portal.cases.telling import Entry
from portal.clocks.models import Clock
from portal.clocks.policy_view import of_class
from portal.desk.case_view import names
from portal.directory import queries, rules
from portal.directory.models import Customer
from portal.journal import stream
from portal.journal.models import Body
from portal.journal.models import Entry as Written
from portal.journal.stream import Line
from portal.kernel.db import db
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, listed, local, term

PAGE = 20
RECENT = 200  # cases whose contacts, promises and ratings are read
SPOKEN = ("Contacted", "ContactLinked", "Told", "Chased")


class Identity(NamedTuple):
    """One identity as it reads, and the merged file it came with."""

    kind: str
    value: str
    note: str
    of: str = ""
    id: int = 0
    asks: bool = False  # something of it is hidden, and one may ask for it


class Year(NamedTuple):
    """Ratings of a year."""

    year: int
    given: int
    average: float
    low: int


@dataclass(frozen=True)
class View:
    """The page's data."""

    file: Customer
    known: bool
    name: str
    into: Customer | None
    files: list[Customer]
    identities: list[Identity]
    mark: dict[str, Any] | None
    limits: list[tuple[str, str, str]]
    cases: list[Case]
    older: int
    open_cases: int
    contacts: list[tuple[Case, Line]]
    promises: list[tuple[Case, Clock]]
    years: list[Year]
    notes: list[tuple[Line, str]]
    history: list[Entry]


def view(file: Customer, now: datetime, *, known: bool, before: int = 0) -> View:
    """The file as somebody may see it; numbers, names and what was said are masked for those who do not need it."""
    files = queries.members(file)
    whole = [file, *files]
    ids = [one.id for one in whole]
    cases, recent = _cases(ids, PAGE + 1, before), _cases(ids, RECENT)
    written = [(one, line) for one in whole for line in stream.read(one.stream)]
    written.sort(key=lambda pair: (pair[1].at, pair[1].id), reverse=True)
    return View(
        file=file, known=known, name=file.name if known else rules.masked_name(file.name, file.category),
        into=db.session.get(Customer, file.merged_into) if file.merged_into else None, files=files,
        identities=_identities(whole, known=known),
        mark=queries.mark_of(file, now),
        limits=of_class(file.category, now), cases=cases[:PAGE], older=cases[PAGE - 1].id if len(cases) > PAGE else 0,
        open_cases=open_of_customers(ids), contacts=_contacts(recent) if known else [],
        promises=_promises(recent), years=_years(recent),
        notes=[(n, names().get(n.by_id, "")) for _file, n in written if n.kind == "NoteWritten"] if known else [],
        history=[told(line, known=known, of=one.code if one is not file else "") for one, line in written[:100]],
    )  # fmt: skip


def _cases(ids: list[int], size: int, before: int = 0) -> list[Case]:
    query = select(Case).where(Case.customer_id.in_(ids), Case.restricted.is_(None), Case.disposed == "")
    if before:
        query = query.where(Case.id < before)
    return list(db.session.scalars(query.order_by(Case.id.desc()).limit(size)))


def _identities(whole: list[Customer], *, known: bool) -> list[Identity]:
    """Numbers of the file and of those merged into it; documents are never shown whole."""
    return [
        Identity(
            c.kind,
            c.value if known and c.kind != "document" else rules.masked(c.kind, c.value),
            c.note if known else "",
            one.code if one is not whole[0] else "",
            c.id,
            one is whole[0] and not (known and c.kind != "document"),
        )
        for one in whole
        for c in one.contacts
    ]


def _contacts(recent: list[Case], most: int = 15) -> list[tuple[Case, Line]]:
    """The latest contacts over all cases: (case, entry)."""
    w, by_stream = Written, {case.stream: case for case in recent}
    query = (
        select(w.stream, w.id, w.n, w.at, w.occurred_at, w.by_id, w.kind, Body.facts)
        .join(Body, Body.journal_id == w.id, isouter=True)
        .where(w.stream.in_(by_stream), w.kind.in_(SPOKEN))
        .order_by(w.id.desc())
        .limit(most)
    )
    return [(by_stream[r[0]], Line(r[1], r[2], r[3], r[4], r[5], r[6], r[7] or {})) for r in db.session.execute(query)]


def _promises(recent: list[Case], most: int = 15) -> list[tuple[Case, Clock]]:
    """What was promised, newest first, and whether it was kept."""
    by_id = {case.id: case for case in recent}
    query = select(Clock).where(Clock.case_id.in_(by_id), Clock.kind == "promise").order_by(Clock.id.desc())
    return [(by_id[clock.case_id], clock) for clock in db.session.scalars(query.limit(most))]


def _years(recent: list[Case]) -> list[Year]:
    """Ratings by the year in which the case ended."""
    found: dict[int, list[int]] = {}
    for case in recent:
        if case.rating and case.closed_at:
            found.setdefault(local(case.closed_at).year, []).append(case.rating)
    years = sorted(found.items(), reverse=True)
    return [Year(year, len(rates), sum(rates) / len(rates), min(rates)) for year, rates in years]


def told(line: Line, *, known: bool, of: str = "") -> Entry:
    """An entry of a file's journal as it reads, `of` a merged file; what was written is left out where it is masked."""
    head = f"{of} {names().get(line.by_id, '')} {term('event.' + line.kind)}".strip()
    if not known or not line.facts:
        return Entry(line.n, line.at, head)
    after, detail = _said(line.kind, line.facts)
    return Entry(line.n, line.at, head, after, detail)


def _said(kind: str, f: dict[str, Any]) -> tuple[str, str]:
    """What follows the event's word, and the second line."""
    if kind in ("ContactAdded", "ContactDropped"):
        value = f["value"] if f["kind"] != "document" else rules.masked_phone(f["value"])
        return f"{term('identity_kind.' + f['kind'])} {value}", f.get("reason") or f.get("note", "")
    if kind == "ClassSet":
        return f"{_class(f['previous'])} → {_class(f['category'])}", f["reason"]
    if kind == "FileChanged":
        was = _("before: %(was)s", was=listed(filter(None, f["was"][:1] + f["was"][2:]))) if f["was"] else ""
        return f["name"], " · ".join(filter(None, (term(f"means.{f['prefers']}"), f["prefers_time"], was)))
    if kind == "NuisanceProposed":
        return _("until %(at)s", at=instant(f["until"])), f["reason"]
    if kind == "NuisanceDecided":
        return term("extension.approve" if f["approved"] else "extension.refuse"), f["words"]
    other = f.get("other") or f.get("into") or f.get("main") or f.get("name") or ""
    grounds = listed(term(f"ground.{code}") for code in f.get("grounds", ()))
    return other, f.get("reason") or f.get("text") or grounds


def _class(code: str) -> str:
    return term(f"customer_class.{code}") if code else ""
