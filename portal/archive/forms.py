"""What a search address says: words, chosen values, days, and where the page begins."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.archive.queries import FILTERS, Search, search_for
from portal.identity.actor import Actor
from portal.kernel import tokens
from portal.kernel.errors import Invalid

LONGEST = 200
_NUMBER = re.compile(r"cs\d{4}-\d{4,8}")


@dataclass(frozen=True)
class Asked:
    """A search as it was typed and chosen."""

    q: str
    chosen: dict[str, list[str]]
    start: date | None
    end: date | None
    after: str

    @property
    def empty(self) -> bool:
        """Whether nothing narrows the search."""
        return not (self.q or self.start or self.end or any(self.chosen.values()))

    @property
    def number(self) -> str | None:
        """The case number, when exactly one was typed."""
        folded = tokens.fold(self.q).strip()
        return folded.upper() if _NUMBER.fullmatch(folded) else None

    def search(self, actor: Actor) -> Search:
        """The search this person may make of it."""
        return search_for(actor, self.q, self.chosen, self.start, self.end)

    def query(self, **changes: Any) -> dict[str, Any]:
        """Arguments of an address for the same search, changed here and there; the page begins anew."""
        facts: dict[str, Any] = {"q": self.q, **self.chosen}
        facts |= {"from": self.start.isoformat() if self.start else "", "to": self.end.isoformat() if self.end else ""}
        return {name: value for name, value in (facts | changes).items() if value}

    def month(self, month: str) -> dict[str, Any]:
        """The same search within one month (`2026-11`)."""
        first = date.fromisoformat(f"{month}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return self.query(**{"from": first.isoformat(), "to": (after - timedelta(days=1)).isoformat()})

    def without(self, name: str, value: str) -> dict[str, Any]:
        """The same search with one chosen value let go."""
        return self.query(**{name: [v for v in self.chosen.get(name, []) if v != value]})

    def said(self) -> str:
        """The search in one line, for the access log."""
        facts = [f"{name}={','.join(values)}" for name, values in self.chosen.items() if values]
        if self.start or self.end:
            facts.append(f"{self.start or ''}..{self.end or ''}")
        return " ".join([self.q, *facts, f"({self.after})" if self.after else ""]).strip()


def asked(arguments: Any) -> Asked:
    """Reads a search address. Raises Invalid for a day that is none."""
    return Asked(
        q=tokens.line(arguments.get("q", ""))[:LONGEST],
        chosen={name: _values(arguments, name) for name in FILTERS},
        start=_day(arguments, "from"),
        end=_day(arguments, "to"),
        after=arguments.get("after", "") if re.fullmatch(r"\d{4}q[1-4]-\d{1,18}", arguments.get("after", "")) else "",
    )


def _values(arguments: Any, name: str) -> list[str]:
    found = [value[:20] for value in arguments.getlist(name) if value]
    return [value for value in dict.fromkeys(found) if re.fullmatch(r"[A-Za-z0-9_]+", value)][:20]


def _day(arguments: Mapping[str, str], name: str) -> date | None:
    given = arguments.get(name, "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid("day_unreadable", field=name, day=given[:20]) from error
