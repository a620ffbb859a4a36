"""The one language of the search box: words, “phrases”, -not this, key:value, 2026-03..2026-05. Pure.

A query in parts, as it is written again (`spelled`: by the line and by the boxes beside it alike), and what may follow
what was typed so far (`completions`). `query_reading_rules.parsed` reads a line.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from portal.kernel import tokens

FILTERS = ("level", "department", "channel", "type", "category", "outcome", "satisfied")
FIELDS = ("phone", "customer", "no", "title")
KEYS = {
    "level": ("level", "等级", "级别"), "department": ("dept", "department", "部门"), "channel": ("channel", "渠道"),
    "type": ("type", "类型"), "category": ("category", "类别"), "outcome": ("outcome", "结果"),
    "satisfied": ("satisfied", "满意", "满意度"), "phone": ("phone", "tel", "电话"),
    "customer": ("customer", "客户"), "no": ("no", "number", "编号", "工单号"), "title": ("title", "标题"),
    "date": ("date", "日期", "归档"),
}  # fmt: skip
ALIASES = {alias: key for key, aliases in KEYS.items() for alias in aliases}
SHOWN = 8  # completions


class Fault(NamedTuple):
    """What cannot be understood: a code and the facts of its sentence."""

    code: str
    facts: dict[str, str]


class Term(NamedTuple):
    """A word or phrase as typed, and folded for comparing."""

    typed: str
    folded: str


@dataclass(frozen=True, eq=False)
class Words:
    """What values filters have: of each its codes with the words of the reader's language, and what else means them.

    One for as long as people, units and lists stay as they are, so what is made of it alone may be kept by it.
    """

    values: dict[str, dict[str, str]]
    meant: dict[str, dict[str, str]]  # of each filter: folded word or code -> code

    @classmethod
    def of(cls, values: dict[str, dict[str, str]], also: dict[str, dict[str, str]] | None = None) -> "Words":
        """`also`: further words by filter with the code each means; a reader's own word comes first."""
        meant = {}
        for key, named in values.items():
            further = (also or {}).get(key, {})
            own = [(word, code) for code, word in named.items()]
            said = [*further.items(), *((code, code) for code in named), *own]
            meant[key] = {tokens.fold(word).strip(): code for word, code in said}
        return cls(values, meant)

    def code(self, key: str, said: str) -> str | None:
        """The code that a value means, in any case and script; None for none."""
        return self.meant[key].get(tokens.fold(said).strip())

    def word(self, key: str, code: str) -> str:
        """The word of a code as a query spells it."""
        return self.values[key].get(code, code)


@dataclass(frozen=True)
class Query:
    """A query in parts. `chosen` and `barred`: values by filter; `fields`: terms that one field has to hold."""

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    barred: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[tuple[str, Term], ...] = ()
    start: date | None = None
    end: date | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing narrows the search."""
        return not (self.terms or self.excluded or self.chosen or self.barred or self.fields or self.start or self.end)


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) if year < 9999 else date(year, month, 28)


def changed(query: Query, **changes: Any) -> Query:
    """The query with some of its parts replaced; filters without a value fall away."""
    found = replace(query, **changes)
    return replace(found, chosen={name: found.chosen[name] for name in FILTERS if found.chosen.get(name)})


def spelled(query: Query, words: Words) -> str:
    """The query as a line."""
    parts = [_quoted(term.typed) for term in query.terms] + ["-" + _quoted(term.typed) for term in query.excluded]
    for sign, values in (("", query.chosen), ("-", query.barred)):
        for name in FILTERS:
            if values.get(name):
                said = ",".join(_value(words.word(name, code)) for code in values[name])
                parts.append(f"{sign}{KEYS[name][0]}:{said}")
    parts += [f"{KEYS[name][0]}:{_value(term.typed)}" for name, term in query.fields]
    if query.start or query.end:
        parts.append(_stretch(query.start, query.end))
    return " ".join(parts)


def _quoted(typed: str) -> str:
    """A term as it is typed: in quotation marks where it would be read as something else."""
    plain = not re.search(r'[\s":：]|^[-－]|\.\.', typed)
    return typed if plain else f'"{typed}"'


def _value(word: str) -> str:
    return f'"{word}"' if re.search(r'[\s",，]', word) else word


def _stretch(start: date | None, end: date | None) -> str:
    """`2026-03..2026-05` where whole months are meant, else days."""
    whole = (start is None or start.day == 1) and (end is None or end == last_day(end.year, end.month))
    form = "%Y-%m" if whole else "%Y-%m-%d"
    return "..".join(f"{at:{form}}" if at else "" for at in (start, end))


class Completion(NamedTuple):
    """What may follow: the whole line then, the piece that is offered, and which key it belongs to."""

    line: str
    shown: str
    key: str


def completions(line: str, words: Words) -> list[Completion]:
    """What the last piece of a line may become: keys, values of its key, and values that begin with what was typed."""
    head, _, last = line.replace("：", ":").rpartition(" ")
    lead, sign = f"{head} " if head else "", "-" if last.startswith("-") else ""
    name, colon, said = last.removeprefix("-").rpartition(":")
    if colon:
        key = ALIASES.get(tokens.fold(name), "")
        kept, comma, begun = said.rpartition(",")
        before = f"{KEYS[key][0]}:{kept}{comma}" if key else ""
        found = [(f"{before}{_value(word)} ", _value(word), key) for word in _begun(key, begun, words)]
    else:
        wanted = tokens.fold(said)
        keys = [key for key, names in KEYS.items() if wanted and any(alias.startswith(wanted) for alias in names)]
        found = [(f"{KEYS[key][0]}:", f"{KEYS[key][0]}:", key) for key in keys]
        for key in words.values if wanted else ():
            pieces = (f"{KEYS[key][0]}:{_value(word)}" for word in _begun(key, said, words))
            found += [(f"{piece} ", piece, key) for piece in pieces]
    return [Completion(f"{lead}{sign}{piece}", shown, key) for piece, shown, key in found[:SHOWN]]


def _begun(key: str, typed: str, words: Words) -> list[str]:
    """The words of a key's values that begin with what was typed, by word or code."""
    wanted = tokens.fold(typed).strip('"')
    named = words.values.get(key, {}).items()
    return [word for code, word in named if any(tokens.fold(said).startswith(wanted) for said in (word, code))]
