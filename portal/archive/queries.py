"""Finding records: the newest places that match, quarter by quarter; each row is looked at again before it is shown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select

from portal.archive import sieve
from portal.archive.models import Archived, ArchivedText
from portal.archive.search import Found, Hit, Search, chosen_of, fits, impossible, match_of, quarters_of, without
from portal.archive.stores import MANY, NEVER, store
from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel import tokens
from portal.kernel.db import db, read
from portal.kernel.errors import Missing

PAGE = 20


@dataclass(frozen=True)
class Page:
    """The first hits in order; `older` is where the next page begins, empty at the end."""

    hits: list[Hit]
    older: str = ""


LISTED = (
    f"SELECT {', '.join(f'a.{name}' for name in Found._fields)}, t.text"
    " FROM archived a JOIN archived_text t ON t.id = a.id WHERE "
)


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
    match, chosen = match_of(search, titled=bool(titled), sparing=True), chosen_of(search)
    words, certain, found = without(match, chosen), search.certain, list[Hit]()

    def keep(hit: Hit) -> bool:
        if titled is not None and tokens.occurs(hit.row.title, search.terms) is not titled:
            return False
        return fits(search, hit.row, hit.text, certain)

    def candidates() -> Iterator[tuple[str, int]]:
        for code in quarters_of(search):
            if not after or code <= quarter:
                before = int(place) if after and code == quarter else NEVER
                yield from ((code, one) for one in sieve.places(match, words, chosen, code, before, need))

    waiting = candidates()
    while len(found) < need and (some := list(islice(waiting, need))):
        found += filter(keep, hits(some))
    return found[:need]


def hits(places: Iterable[tuple[str, int]]) -> list[Hit]:
    """The rows at these places (quarter, place) with their texts, newest first; all are read in one go."""
    wanted: dict[str, list[str]] = {}
    for quarter, place in places:
        wanted.setdefault(quarter, []).append(str(int(place)))
    if not wanted:
        return []
    values = {f"q{n}": quarter for n, quarter in enumerate(wanted)}
    spots = (f"a.quarter = :q{n} AND a.place IN ({', '.join(some)})" for n, some in enumerate(wanted.values()))
    found = [Hit(Found._make(row[:-1]), row[-1]) for row in read(LISTED + " OR ".join(spots), values)]
    return sorted(found, key=lambda hit: (hit.row.quarter, hit.row.place), reverse=True)


def every(search: Search) -> Iterator[Hit]:
    """All hits, the newest first, read some at a time: memory grows by the places of one quarter alone."""
    match, certain = match_of(search), search.certain
    for quarter in () if impossible(search) else quarters_of(search):
        places = list(store().hits((quarter,), match)[0])
        for end in range(len(places), 0, -MANY):
            some = hits((quarter, place) for place in places[max(0, end - MANY) : end])
            yield from (hit for hit in some if fits(search, hit.row, hit.text, certain))


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
