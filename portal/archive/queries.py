"""Finding records: terms, filters and permission are one match; every page is looked at again before it is shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.archive import sieve
from portal.archive.indexes import Match
from portal.archive.models import Archived, ArchivedText
from portal.archive.rules import EVERYTHING, TITLE, days_between, mark, quarter_of, satisfied
from portal.archive.sieve import Chosen
from portal.archive.stores import NEVER, quarters, store
from portal.cases.models import Case
from portal.directory.rules import digits
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel import tokens
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.kernel.i18n import local

PAGE = 20
# name of a filter -> kind of its token; `rules.marks` makes them
FILTERS = {
    "level": "l", "channel": "c", "department": "d", "type": "k", "category": "g", "outcome": "o", "satisfied": "s",
}  # fmt: skip
COLUMNS = {
    "level": "level", "channel": "channel", "department": "department_id", "type": "request_type",
    "category": "category", "outcome": "outcome", "satisfied": "satisfied",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is looked for: folded terms, chosen values per filter, days of archiving, and the units one may see.

    `excluded` terms must not occur, `barred` values not be there; `fields` are terms that one field has to hold.
    """

    terms: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    barred: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    start: date | None = None
    end: date | None = None
    units: frozenset[int] | None = None

    @property
    def certain(self) -> bool:
        """Whether the index alone decides, so that no text need be read to know a hit."""
        decided = all(tokens.decided_by_tokens(term) for term in self.terms + self.excluded)
        return store().certain and decided and not self.fields


class Found(NamedTuple):
    """What a list shows of a record; `archived_at` in epoch seconds."""

    id: int
    quarter: str
    place: int
    current: bool
    case_id: int
    cycle: int
    no: str
    title: str
    customer_name: str
    contact: str
    level: str
    channel: str
    department_id: int
    intake_unit_id: int
    outcome: str
    request_type: str
    category: str
    rating: int | None
    archived_at: int

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units concerned, as they were at the closing."""
        return frozenset((self.department_id, self.intake_unit_id))

    @property
    def satisfied(self) -> str:
        """What the rating says."""
        return satisfied(self.rating)


@dataclass(frozen=True)
class Hit:
    """A found record and its text."""

    row: Found
    text: str


@dataclass(frozen=True)
class Page:
    """The first hits in order; `older` is where the next page begins, empty at the end."""

    hits: list[Hit]
    older: str = ""


LISTED = (
    f"SELECT {', '.join(f'a.{name}' for name in Found._fields)}, t.text"
    " FROM archived a JOIN archived_text t ON t.id = a.id WHERE a.quarter = :quarter AND a.place IN ({places})"
    " ORDER BY a.place DESC"
)
Keep = Callable[[Hit], bool]


def match_of(search: Search, *, titled: bool = False) -> Match:
    """The tokens of a search; the units one may see are part of it, never a sieve behind it.

    `titled`: the terms' tokens in the title. Of its groups those of the chosen values come first.
    """
    said = [token for term in search.terms for token in sorted(tokens.of_term(term))]
    held = [token for _, term in search.fields for token in sorted(tokens.of_term(term))]
    wanted = dict.fromkeys([TITLE + token for token in said] * titled + said + held)
    groups = [tuple(mark(FILTERS[name], v) for v in values) for name, values in _chosen(search)]
    if _dated(search):
        groups.append(tuple(days_between(*_span(search))))
    if search.units is not None:
        groups.append(tuple(mark("u", unit) for unit in sorted(search.units)))
    return Match(tuple(wanted) or (EVERYTHING,), tuple(groups), tuple(_barred(search)))


def _chosen(search: Search) -> Chosen:
    return [(name, values) for name, values in search.chosen if values]


def _barred(search: Search) -> list[str]:
    """Tokens that no hit has: of barred values, and of excluded terms of which having the token means to occur."""
    found = [mark(FILTERS[name], value) for name, values in search.barred for value in values]
    for term in search.excluded:
        found += tokens.of_term(term) if tokens.decided_by_tokens(term) else ()
    return found


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
        and not any(str(getattr(row, COLUMNS[name])) in values for name, values in search.barred)
        and (not _dated(search) or _in_days(search, row))
        and (certain or _says(search, row, text))
    )


def _says(search: Search, row: Found, text: str) -> bool:
    """Whether the words are there, and in the fields, and the excluded ones are not."""
    folded = tokens.fold(text)
    return (
        all(tokens.within(folded, term) for term in search.terms)
        and not any(tokens.within(folded, term) for term in search.excluded)
        and all(_holds(row, field, term) for field, term in search.fields)
    )


def _holds(row: Found, field: str, term: str) -> bool:
    """Whether a field of the row holds a term: part of a telephone number, a name, a case number, a title."""
    if field == "phone":
        return term in digits(row.contact)
    held = {"customer": row.customer_name, "no": row.no, "title": row.title}[field]
    return tokens.occurs(held, (term,))


def _in_days(search: Search, row: Found) -> bool:
    day = local(row.archived_at).date()
    return (search.start or day) <= day <= (search.end or day)


def page(search: Search, after: str = "", size: int = PAGE, *, relevant: bool = False) -> Page:
    """The first hits, or those that follow the place `after` (`2026q4-123`): the newest first.

    `relevant`: those first whose title holds the words (their places begin with t).
    """
    if impossible(search):
        return Page([])
    if not (relevant and search.terms):
        return _cut(_walk(search, after.lstrip("t"), size + 1), size, "")
    found: list[Hit] = []
    if not after or after.startswith("t"):
        found = _walk(search, after.lstrip("t"), size + 1, titled=True)
        if len(found) > size:
            return _cut(found, size, "t")
    rest = _walk(search, "" if after.startswith("t") else after, size + 1 - len(found), titled=False)
    if not rest:
        return Page(found)
    cut = _cut(rest, size - len(found), "")
    return Page(found + cut.hits, cut.older if cut.hits or not cut.older else f"t{_spot(found[-1])}")


def _spot(hit: Hit) -> str:
    return f"{hit.row.quarter}-{hit.row.place}"


def _cut(found: list[Hit], size: int, prefix: str) -> Page:
    """So many hits, and where the next page begins when there are more."""
    if len(found) <= size:
        return Page(found)
    return Page(found[:size], prefix + _spot(found[size - 1]) if size else "more")


def _walk(search: Search, after: str, need: int, *, titled: bool | None = None) -> list[Hit]:
    """The newest hits below a place, quarter by quarter; `titled` True or False: only those (not) so by their title."""
    quarter, _, place = after.partition("-")
    match, chosen = match_of(search, titled=bool(titled)), _chosen(search)
    words = replace(match, any=match.any[len(chosen) :])
    certain, found = search.certain, list[Hit]()

    def keep(hit: Hit) -> bool:
        if titled is not None and tokens.occurs(hit.row.title, search.terms) is not titled:
            return False
        return fits(search, hit.row, hit.text, certain)

    for code in quarters_of(search):
        if after and code > quarter:
            continue
        before = int(place) if after and code == quarter else NEVER
        wanted = sieve.places(match, words, chosen, code, before, need - len(found))
        found += _from_quarter(wanted, code, need - len(found), keep)
        if len(found) >= need:
            break
    return found


def _from_quarter(wanted: Iterator[list[int]], quarter: str, need: int, keep: Keep) -> list[Hit]:
    """The newest true hits among the places of one quarter."""
    found: list[Hit] = []
    for places in wanted:
        found += [hit for hit in hits(quarter, places) if keep(hit)]
        if len(found) >= need:
            break
    return found[:need]


def hits(quarter: str, places: list[int]) -> list[Hit]:
    """The rows at places of a quarter with their texts, newest first."""
    if not places:
        return []
    listed = ", ".join(map(str, map(int, places)))
    found = read(LISTED.format(places=listed), {"quarter": quarter})
    return [Hit(Found._make(row[:-1]), row[-1]) for row in found]


def record_by_no(actor: Actor, no: str) -> Archived:
    """The present record with this number. Raises Missing, alike for unknown and for forbidden ones."""
    query = select(Archived).where(Archived.no == no.strip().upper(), Archived.current).order_by(Archived.id.desc())
    row = db.session.scalar(query.limit(1))
    if row is None or not may(actor, "archive.view", row):
        gone = db.session.scalar(select(Case).where(Case.no == no.strip().upper(), Case.disposed != ""))
        if gone is not None and may(actor, "archive.view", gone):
            raise Missing("case_disposed", no=gone.no, batch=gone.disposed)
        raise Missing("no_such_record", no=no)
    return row


def text_of(row: Archived) -> Any:
    """The searched text of a record, with the version of its tokens."""
    return db.session.get_one(ArchivedText, row.id)
