"""What a search address says: the query, in which order, and where the page begins.

The boxes beside the line send their values apart; `asked` puts them into the query, which is then all there is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_plus

from portal.archive import query_rules
from portal.archive.query_reading_rules import parsed
from portal.archive.query_rules import FILTERS, KEYS, Query, Words, changed
from portal.archive.search import Search
from portal.archive.vocabulary import words
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel import tokens
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence

_NUMBER = re.compile(r"cs\d{4}-\d{4,8}")
_PLACE = re.compile(r"t?\d{4}q[1-4]-\d{1,10}")


@dataclass(frozen=True)
class Asked:
    """A search as typed and chosen; `apart`: some of it came from boxes, so that the address is to be written anew."""

    typed: str
    query: Query
    words: Words
    after: str = ""
    relevant: bool = False
    apart: bool = False

    @cached_property
    def q(self) -> str:
        """The query as the line shows it: spelled the one way, or as typed while it cannot be understood."""
        return self.typed if self.query.faults else query_rules.spelled(self.query, self.words)

    @property
    def empty(self) -> bool:
        """Whether nothing narrows the search."""
        return self.query.empty

    @property
    def said(self) -> str:
        """The words that are looked for elsewhere: in open cases, customers, orders, articles."""
        return " ".join(term.typed for term in (*self.query.terms, *(held for _, held in self.query.fields)))

    @property
    def marked(self) -> tuple[str, ...]:
        """The terms that are marked in what is found."""
        return tuple(term.folded for term in (*self.query.terms, *(held for _, held in self.query.fields)))

    @property
    def number(self) -> str | None:
        """The case number, when exactly one was typed."""
        folded = tokens.fold(self.typed).strip()
        return folded.upper() if _NUMBER.fullmatch(folded) else None

    @property
    def faults(self) -> list[str]:
        """What cannot be understood, in sentences."""
        return [sentence(Invalid(fault.code, field="q", **fault.facts)) for fault in self.query.faults]

    def search(self, actor: Actor, verb: str = "archive.search") -> Search:
        """The search this person may make of it. Raises Invalid for a query that cannot be understood."""
        query = self.query
        for fault in query.faults:
            raise Invalid(fault.code, field="q", **fault.facts)
        return Search(
            terms=tuple(term.folded for term in query.terms),
            excluded=tuple(term.folded for term in query.excluded),
            chosen=tuple(query.chosen.items()), barred=tuple(query.barred.items()),
            fields=tuple((name, term.folded) for name, term in query.fields),
            start=query.start, end=query.end, units=scope(actor, verb),
        )  # fmt: skip

    def address(self, query: Query | None = None, **more: Any) -> dict[str, Any]:
        """Arguments of an address for this search, or for a changed query; the page begins anew."""
        line = self.q if query is None else query_rules.spelled(query, self.words)
        facts = {"q": line, "by": "relevance" if self.relevant else ""} | more
        return {name: value for name, value in facts.items() if value}

    @cached_property
    def tail(self) -> str:
        """What follows the path in an address for this search, its question mark included; empty for no search."""
        return _tail(self.address())

    def at(self, query: Query | None = None, **more: Any) -> str:
        """The address of the search page for this search, or for a changed query."""
        return "/archive" + _tail(self.address(query, **more))

    def month(self, month: str) -> str:
        """Where to find the same search within one month (`2026-11`)."""
        first = date.fromisoformat(f"{month}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return self.at(changed(self.query, start=first, end=after - timedelta(days=1)))

    def within(self, start: date | None, end: date | None) -> str:
        """Where to find the same search between two days."""
        return self.at(changed(self.query, start=start, end=end))

    def without(self, name: str, value: str) -> str:
        """Where to find the same search with one chosen value let go."""
        left = {key: tuple(v for v in values if (key, v) != (name, value)) for key, values in self.query.chosen.items()}
        return self.at(changed(self.query, chosen=left))

    @property
    def rest(self) -> str:
        """The query without what the boxes beside it say: they send it with their own values."""
        return query_rules.spelled(changed(self.query, chosen={}, start=None, end=None), self.words)

    @property
    def words_alone(self) -> str:
        """The words and phrases, without anything that narrows them."""
        return query_rules.spelled(Query(terms=self.query.terms, excluded=self.query.excluded), self.words)

    def noted(self) -> str:
        """The search in one line, for the access log."""
        order = " (relevance)" if self.relevant else ""
        return f"{self.q}{order}{f' ({self.after})' if self.after else ''}".strip()


_quoted = lru_cache(maxsize=1_000)(quote_plus)  # the same words stand in each of a page's addresses


def _tail(arguments: dict[str, Any]) -> str:
    said = "&".join(f"{name}={_quoted(str(value))}" for name, value in arguments.items())
    return f"?{said}" if said else ""


def asked(arguments: Any) -> Asked:
    """Reads a search address; what cannot be understood is kept in `query.faults`."""
    known, typed = words(), arguments.get("q", "")
    boxes = list(_boxes(arguments))
    query = parsed(" ".join((typed, *boxes)) if boxes else typed, known)
    after = arguments.get("after", "")
    return Asked(
        typed=" ".join((tokens.line(typed), *boxes)).strip(), query=query, words=known, apart=bool(boxes),
        after=after if _PLACE.fullmatch(after) else "", relevant=arguments.get("by") == "relevance",
    )  # fmt: skip


def _boxes(arguments: Any) -> Iterator[str]:
    """What the boxes say, as pieces of a query."""
    for name in FILTERS:
        values = [value for value in dict.fromkeys(arguments.getlist(name)) if value]
        if values:
            said = ",".join('"' + value.replace('"', "")[:40] + '"' for value in values)
            yield f"{KEYS[name][0]}:{said}"
    start, end = (arguments.get(name, "").strip()[:20] for name in ("from", "to"))
    if start or end:
        yield f'date:"{start}..{end}"'
