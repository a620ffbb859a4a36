"""What the search page shows beside the hits: filters with their counts, chips, usual stretches of time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import render_template
from markupsafe import Markup

from portal.archive.counts import Counts
from portal.archive.forms import Asked
from portal.archive.query_rules import FILTERS, Words, changed
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, term

Chosen = tuple[tuple[str, tuple[str, ...]], ...]


def spans(wanted: Asked, now: datetime) -> list[tuple[str, str]]:
    """The usual stretches of time up to today, as words and the address of the same search within them."""
    today: date = local(now).date()
    usual = ((_("Last 12 months"), 365), (_("Last 2 years"), 730))
    return [(words, wanted.within(today - timedelta(days=n), today)) for words, n in usual]


def options(wanted: Asked, counted: Counts | None) -> Markup:
    """The filters as the side shows them: counted ones without the values that have no hit, chosen ones always."""
    chosen = tuple(wanted.query.chosen.items())
    return _drawn(wanted.words, chosen, counted) if counted else _uncounted(wanted.words, chosen)


@lru_cache(maxsize=50)
def _uncounted(words: Words, chosen: Chosen) -> Markup:
    return _drawn(words, chosen, None)


def _drawn(words: Words, chosen: Chosen, counted: Counts | None) -> Markup:
    facets = list(_facets(words, dict(chosen), counted))
    return Markup(render_template("archive/_options.html", facets=facets, counts=counted))


def _facets(words: Words, picked: dict[str, tuple[str, ...]], counted: Counts | None) -> Iterator[dict[str, Any]]:
    for name in FILTERS:
        chosen, known = picked.get(name, ()), words.values[name]
        numbers = counted.values[name] if counted else {}
        found = [
            (value, word_of(words, name, value), numbers.get(value, 0), value in chosen)
            for value in dict.fromkeys((*known, *numbers, *chosen))
            if value and (counted is None or value in numbers or value in chosen)
        ]
        if found:
            yield {"name": name, "options": found}


def word_of(words: Words, name: str, value: str) -> str:
    """What a value of a filter is called where it stands alone."""
    word = words.word(name, value)
    return f"{word} {term('level.' + value)}" if name == "level" else word


def chips(wanted: Asked) -> list[tuple[str, str]]:
    """What narrows the search beside its words, each with the address that lets it go."""
    query, found = wanted.query, []
    for name, values in query.chosen.items():
        for value in values:
            words = f"{term('facet.' + name)}: {word_of(wanted.words, name, value)}"
            found.append((words, wanted.without(name, value)))
    for name, values in query.barred.items():
        words = _("not %(what)s", what="、".join(word_of(wanted.words, name, value) for value in values))
        left = {key: kept for key, kept in query.barred.items() if key != name}
        found.append((f"{term('facet.' + name)}: {words}", _with(wanted, barred=left)))
    for held in query.fields:
        left_over = tuple(other for other in query.fields if other != held)
        words = f"{term('facet.' + held[0])}: {held[1].typed}"
        found.append((words, _with(wanted, fields=left_over)))
    if query.start or query.end:
        days = f"{query.start or '…'} – {query.end or '…'}"
        found.append((days, wanted.within(None, None)))
    return found


def _with(wanted: Asked, **changes: Any) -> str:
    return wanted.at(changed(wanted.query, **changes))


@lru_cache(maxsize=10)
def help_of(words: Words) -> Markup:
    """How to write a query, with examples in the values of this portal."""
    return Markup(render_template("archive/_search_help.html", examples=_examples(words)))


def _examples(words: Words) -> list[tuple[str, str]]:
    """What is typed, and what it means."""
    department = next(iter(words.values["department"].values()), "")
    channel = next(iter(words.values["channel"].values()), "")
    return [
        (_("refund broadband"), _("both words, in any order")),
        (_("“refund not received”"), _("these words in this order")),
        (_("-broadband"), _("not this word")),
        ("level:P1,P2", _("one of several values; a minus before it shuts them out")),
        (f"dept:{department}", _("department; also type:, category:, outcome:, satisfied:")),
        (f"channel:{channel}", _("channel, by its word")),
        ("2026-03..2026-05", _("archived in these months; days, quarters and years too, and one end may be missing")),
        ("phone:1380", _("a part of the telephone number, of three digits at least")),
        (_("customer:Wang"), _("a part of the customer's name; also no:, title:")),
    ]
