"""Reading a line of the search box. Pure.

`parsed` never raises: what cannot be understood is a fault with words of its own, and a search with faults is not made.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from portal.archive.query_rules import ALIASES, FIELDS, FILTERS, KEYS, Fault, Query, Term, Words, last_day
from portal.kernel import tokens

LONGEST = 300  # characters of a query
MOST_TERMS = 12  # words and phrases, those to be left out among them
MOST_VALUES = 20  # of one filter
LEAST_FRAGMENT = 3  # digits of a telephone number
_MARKS = str.maketrans({**dict.fromkeys("“”„‟＂「」『』", '"'), "：": ":", "－": "-", "，": ","})
_KEYED = re.compile(r"([^\W\d_]{1,20}):(.*)", re.DOTALL)
_RANGE = re.compile(r"[\dqQ/-]*\.\.[\dqQ/-]*")
_DAY = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?|-?[qQ]([1-4]))?")


@dataclass
class _Draft:
    """A query while it is read."""

    words: Words
    terms: list[Term] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    barred: dict[str, list[str]] = field(default_factory=dict)
    fields: list[tuple[str, Term]] = field(default_factory=list)
    days: list[tuple[date | None, date | None]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, code: str, **facts: str) -> None:
        """Notes what is wrong."""
        self.faults.append(Fault(code, {name: value[:40] for name, value in facts.items()}))


def parsed(text: str, words: Words) -> Query:
    """Reads a query; `words` are the values that filters can have."""
    draft = _Draft(words)
    if len(text) > LONGEST:
        draft.fault("query_long", most=str(LONGEST))
        return Query(faults=tuple(draft.faults))
    line = tokens.line(text.translate(_MARKS))
    if line.count('"') % 2:
        draft.fault("query_quote", piece=line[line.rindex('"') :])
        return Query(faults=tuple(draft.faults))
    for piece in pieces(line):
        _take(draft, piece)
    if len(draft.terms) + len(draft.excluded) + len(draft.fields) > MOST_TERMS:
        draft.fault("query_many", most=str(MOST_TERMS))
    start, end = _days(draft)
    return Query(
        _once(draft.terms), _once(draft.excluded), _kept(draft.chosen), _kept(draft.barred), _once(draft.fields),
        start, end, tuple(draft.faults),
    )  # fmt: skip


def pieces(line: str) -> Iterator[str]:
    """The pieces of a query: parted by blanks outside quotation marks, a phrase being one of its own."""
    start, inside = 0, False
    for place, char in enumerate(line):
        if char == '"':
            opens = not inside and place > start and line[place - 1] not in ":,-"
            closes = inside and line[place + 1 : place + 2] != ","
            inside = not inside
            if opens:
                yield line[start:place]
                start = place
            if closes:
                yield line[start : place + 1]
                start = place + 1
        elif char == " " and not inside:
            if place > start:
                yield line[start:place]
            start = place + 1
    if start < len(line):
        yield line[start:]


def _take(draft: _Draft, piece: str) -> None:
    """Puts one piece where it belongs."""
    bar = piece.startswith("-") and len(piece) > 1
    said = piece[1:] if bar else piece
    keyed = _KEYED.fullmatch(said)
    if keyed and not keyed[2].startswith("//"):
        _take_keyed(draft, keyed[1], keyed[2], bar)
    elif _RANGE.fullmatch(said):
        _take_days(draft, said, bar)
    else:
        _take_term(draft, said, bar)


def _take_term(draft: _Draft, said: str, bar: bool) -> None:
    typed = said.replace('"', "").strip()
    term = tokens.term(typed)
    if not term:
        draft.fault("query_nothing", piece=said)
        return
    (draft.excluded if bar else draft.terms).append(Term(typed, term))


def _take_keyed(draft: _Draft, name: str, said: str, bar: bool) -> None:
    """A key with its values."""
    key = ALIASES.get(tokens.fold(name))
    if key is None:
        near = get_close_matches(tokens.fold(name), ALIASES, 1, 0.5)
        code = "query_key_near" if near else "query_key"
        draft.fault(code, key=name, near=near[0] if near else "", keys=", ".join(names[0] for names in KEYS.values()))
        return
    values = [value for value in _values(said) if value]
    if not values:
        draft.fault("query_value_missing", key=name)
    elif key == "date":
        _take_days(draft, values[0] if len(values) == 1 else said, bar)
    elif key in FIELDS:
        _take_field(draft, key, " ".join(values), bar)
    else:
        _take_values(draft, key, name, values, bar)


def _values(said: str) -> Iterator[str]:
    """The values of a key, parted by commas outside quotation marks."""
    for part in re.findall(r'(?:"[^"]*"|[^,"])+', said):
        yield part.replace('"', "").strip()


def _take_values(draft: _Draft, key: str, name: str, values: list[str], bar: bool) -> None:
    known = (draft.barred if bar else draft.chosen).setdefault(key, [])
    for value in values[:MOST_VALUES]:
        code = draft.words.code(key, value)
        if code is None:
            possible = list(draft.words.values[key].values())
            folded = {tokens.fold(word): word for word in possible}
            near = get_close_matches(tokens.fold(value), folded, 1, 0.5)
            shown = folded[near[0]] if near else ", ".join(possible[:12])
            draft.fault("query_value_near" if near else "query_value", key=name, value=value, near=shown)
        elif code not in known:
            known.append(code)
    if len(values) > MOST_VALUES:
        draft.fault("query_many", most=str(MOST_VALUES))


def _take_field(draft: _Draft, key: str, said: str, bar: bool) -> None:
    """A field that has to hold a term; a telephone number by a part of it, of three digits at least."""
    if bar:
        draft.fault("query_not_bar", piece=f"{KEYS[key][0]}:{said}")
        return
    found = re.sub(r"[\s()+-]", "", tokens.fold(said)) if key == "phone" else tokens.term(said)
    if key == "phone" and not re.fullmatch(rf"[0-9]{{{LEAST_FRAGMENT},20}}", found):
        draft.fault("query_phone", value=said, least=str(LEAST_FRAGMENT))
    elif not found:
        draft.fault("query_nothing", piece=said)
    else:
        draft.fields.append((key, Term(said, found)))


def _take_days(draft: _Draft, said: str, bar: bool) -> None:
    """A day, month, quarter or year, or a stretch between two of them of which one may be missing."""
    first, dots, last = said.partition("..")
    start, end = _spread(first), _spread(last if dots else first)
    if bar:
        draft.fault("query_not_bar", piece=said)
    elif (first and not start) or (last and not end) or not (first or last):
        draft.fault("query_day", piece=said)
    else:
        draft.days.append((start[0] if start else None, end[1] if end else None))


def _spread(said: str) -> tuple[date, date] | None:
    """The first and the last day of what was said; None for what is no date."""
    found = _DAY.fullmatch(said)
    if not found:
        return None
    year, month, day, quarter = (int(part) if part else 0 for part in found.groups())
    first, months = (quarter * 3 - 2, 3) if quarter else (month, 1) if month else (1, 12)
    try:
        start = date(year, first, day or 1)
        return start, start if day else last_day(year, first + months - 1)
    except ValueError:
        return None


def _days(draft: _Draft) -> tuple[date | None, date | None]:
    """The one stretch of time. Two of them, or one that ends before it begins, are faults."""
    if len(draft.days) > 1:
        draft.fault("query_days_twice")
    start, end = draft.days[0] if draft.days else (None, None)
    if start and end and start > end:
        draft.fault("query_days_order", start=start.isoformat(), end=end.isoformat())
    return start, end


def _once(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({one[-1] if isinstance(one, Term) else one: one for one in found}.values())


def _kept(found: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name in FILTERS if (values := found.get(name))}
