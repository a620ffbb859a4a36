"""Finding records: terms, filters and permission are one match; every page is looked at again before it is shown."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.archive.models import Archived, ArchivedText
from portal.archive.rules import EVERYTHING, days_between, mark, quarter_of
from portal.archive.stores import MANY, NEVER, Match, quarters, store
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel import tokens
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.kernel.i18n import local

PAGE = 20
FILTERS = {"level": "l", "channel": "c", "department": "d", "outcome": "o"}  # name on the page -> kind of token
COLUMNS = {"level": "level", "channel": "channel", "department": "department_id", "outcome": "outcome"}


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is looked for: folded terms, chosen values per filter, days of archiving, and the units one may see."""

    terms: tuple[str, ...] = ()
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    start: date | None = None
    end: date | None = None
    units: frozenset[int] | None = None

    @property
    def certain(self) -> bool:
        """Whether the index alone decides, so that no text need be read to know a hit."""
        return store().certain and all(tokens.decided_by_tokens(term) for term in self.terms)


class Found(NamedTuple):
    """What a list shows of a record; `archived_at` in epoch seconds."""

    id: int
    quarter: str
    current: bool
    no: str
    title: str
    customer_name: str
    contact: str
    level: str
    channel: str
    department_id: int
    intake_unit_id: int
    outcome: str
    rating: int | None
    archived_at: int

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units concerned, as they were at the closing."""
        return frozenset((self.department_id, self.intake_unit_id))


@dataclass(frozen=True)
class Hit:
    """A found record and its text."""

    row: Found
    text: str


@dataclass(frozen=True)
class Page:
    """The newest hits; `older` is where the next page begins, empty at the end."""

    hits: list[Hit]
    older: str = ""


LISTED = (
    f"SELECT {', '.join(f'a.{name}' for name in Found._fields)}, t.text"
    " FROM archived a JOIN archived_text t ON t.id = a.id"
)


def match_of(search: Search) -> Match:
    """The tokens of a search; the units one may see are part of it, never a sieve behind it."""
    wanted = dict.fromkeys(token for term in search.terms for token in sorted(tokens.of_term(term)))
    groups = [tuple(mark(FILTERS[name], v) for v in values) for name, values in search.chosen if values]
    if _dated(search):
        groups.append(tuple(days_between(*_span(search))))
    if search.units is not None:
        groups.append(tuple(mark("u", unit) for unit in sorted(search.units)))
    return Match(tuple(wanted) or (EVERYTHING,), tuple(groups))


def _span(search: Search) -> tuple[date, date]:
    """The days searched; an open end reaches to the ends of the archive."""
    codes = quarters() or [quarter_of(date(2000, 1, 1))]
    newest, oldest = codes[0], codes[-1]
    start = max(search.start or date.min, date(int(oldest[:4]), 1, 1))
    end = min(search.end or date.max, date(int(newest[:4]), 12, 31))
    return start, end


def _dated(search: Search) -> bool:
    return bool(search.start or search.end)


def impossible(search: Search) -> bool:
    """Whether nothing can match: no unit may be seen, or no day lies in the span."""
    if not _dated(search):
        return search.units == frozenset()
    start, end = _span(search)
    return search.units == frozenset() or start > end


def quarters_of(search: Search) -> list[str]:
    """The quarters that may hold hits, newest first."""
    if not _dated(search):
        return quarters()
    start, end = _span(search)
    return [code for code in quarters() if quarter_of(start) <= code <= quarter_of(end)]


def fits(search: Search, row: Found, text: str, certain: bool = False) -> bool:
    """Whether a found row really is what was looked for (tokens have no places, and their numbers may coincide).

    `certain`: the index has decided about the words already.
    """
    return (
        bool(row.current)
        and (search.units is None or bool(search.units & row.unit_ids))
        and all(str(getattr(row, COLUMNS[name])) in values for name, values in search.chosen if values)
        and (not _dated(search) or _in_days(search, row))
        and (certain or tokens.occurs(text, search.terms))
    )


def _in_days(search: Search, row: Found) -> bool:
    day = local(row.archived_at).date()
    return (search.start or day) <= day <= (search.end or day)


def page(search: Search, after: str = "", size: int = PAGE) -> Page:
    """The newest hits, or those that follow the place `after` (`2026q4-123`)."""
    if impossible(search):
        return Page([])
    quarter, _, place = after.partition("-")
    match = match_of(search)
    found: list[Hit] = []
    for code in quarters_of(search):
        if after and code > quarter:
            continue
        before = int(place) if after and code == quarter and place.isdigit() else NEVER
        found += _from_quarter(search, match, code, before, size + 1 - len(found))
        if len(found) > size:
            last = found[size - 1].row
            return Page(found[:size], f"{last.quarter}-{last.id}")
    return Page(found)


def _from_quarter(search: Search, match: Match, quarter: str, before: int, need: int) -> list[Hit]:
    """The newest true hits of one quarter below an id."""
    found: list[Hit] = []
    step, certain = need, search.certain
    while len(found) < need:
        ids = store().search(quarter, match, before, step)
        found += [hit for hit in hits(ids) if fits(search, hit.row, hit.text, certain)]
        if len(ids) < step:
            break
        before, step = ids[-1], min(MANY, step * 4)
    return found[:need]


def hits(ids: list[int]) -> list[Hit]:
    """The rows of ids with their texts, newest first."""
    if not ids:
        return []
    found = read(f"{LISTED} WHERE a.id IN ({', '.join(map(str, map(int, ids)))}) ORDER BY a.id DESC", {})
    return [Hit(Found._make(row[:-1]), row[-1]) for row in found]


def search_for(actor: Actor, query: str, chosen: dict[str, list[str]], start: date | None, end: date | None) -> Search:
    """The search of this person: what was typed and chosen, within the units the person may see."""
    values = tuple((name, tuple(dict.fromkeys(chosen.get(name, ())))) for name in FILTERS)
    return Search(terms=tokens.terms(query), chosen=values, start=start, end=end, units=scope(actor, "archive.search"))


def record_by_no(actor: Actor, no: str) -> Archived:
    """The present record with this number. Raises Missing, alike for unknown and for forbidden ones."""
    query = select(Archived).where(Archived.no == no.strip().upper(), Archived.current).order_by(Archived.id.desc())
    row = db.session.scalar(query.limit(1))
    if row is None or not may(actor, "archive.view", row):
        raise Missing("no_such_record", no=no)
    return row


def text_of(row: Archived) -> Any:
    """The searched text of a record, with the version of its tokens."""
    return db.session.get_one(ArchivedText, row.id)
