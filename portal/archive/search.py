"""What is looked for: terms, filters and permission of a search are one match, and a row fits it or not."""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from portal.archive import usual
from portal.archive.indexes import Match
from portal.archive.rules import EVERYTHING, TITLE, days_between, mark, quarter_of, satisfied
from portal.archive.sieve import Chosen
from portal.archive.stores import quarters, store
from portal.directory.rules import digits
from portal.kernel import tokens
from portal.kernel.i18n import local

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


def match_of(search: Search, *, titled: bool = False, sparing: bool = False) -> Match:
    """The tokens of a search; the units one may see are part of it, never a sieve behind it.

    `titled`: the terms' tokens in the title. `sparing`: without common ones, for those who look at the rows anyway. Of
    its groups those of the chosen values come first.
    """
    of_term = usual.rarer if sparing else sorted
    said = [token for term in search.terms for token in of_term(tokens.of_term(term))]
    held = [token for _, term in search.fields for token in sorted(tokens.of_term(term))]
    wanted = dict.fromkeys([TITLE + token for token in said] * titled + said + held)
    groups = [tuple(mark(FILTERS[name], v) for v in values) for name, values in chosen_of(search)]
    if _dated(search):
        groups.append(tuple(days_between(*_span(search))))
    if search.units is not None:
        groups.append(tuple(mark("u", unit) for unit in sorted(search.units)))
    return Match(tuple(wanted) or (EVERYTHING,), tuple(groups), tuple(_barred(search)))


def chosen_of(search: Search) -> Chosen:
    """The chosen values by filter."""
    return [(name, values) for name, values in search.chosen if values]


def without(match: Match, chosen: Chosen) -> Match:
    """The match of a search but for its chosen values."""
    return replace(match, any=match.any[len(chosen) :])


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
    return (
        tokens.occurs(text, search.terms)
        and not any(tokens.occurs(text, (term,)) for term in search.excluded)
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
