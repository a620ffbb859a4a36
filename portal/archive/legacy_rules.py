"""Reading the archive of another system: which row is which record, what is assumed, what is refused. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.intake import import_rules as rows
from portal.intake.import_rules import Record, Refusal
from portal.intake.rules import title_of
from portal.kernel import tokens
from portal.kernel.errors import Invalid

FIELDS = {  # and how long each may be
    "no": 20, "closed_at": 40, "received_at": 40, "title": 120, "description": 20_000, "demand": 4_000, "happened": 120,
    "customer_name": 120, "contact": 120, "order_no": 60, "product": 120, "symptom": 200, "level": 40, "channel": 40,
    "department": 80, "request_type": 40, "category": 40, "outcome": 40, "rating": 2, "result": 20_000, "cause": 4_000,
    "course": 20_000, "handled_by": 80,
}  # fmt: skip
LISTED = {  # fields whose values are codes, by the word of the search line for them
    "level": "level", "channel": "channel", "department": "department", "request_type": "type", "category": "category",
    "outcome": "outcome",
}  # fmt: skip
ASSUMED = {
    "level": "P3", "channel": "hotline", "department": "service", "request_type": "consultation",
    "category": "information", "outcome": "confirmed",
}  # fmt: skip
NEEDED = ("closed_at", "description")
NUMBER = re.compile(r"[A-Z0-9][A-Z0-9._-]*")
Coded = Callable[[str, str], str]
Codes = Mapping[str, Mapping[str, str]]  # by field: what a file may say, folded -> the portal's code


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a file is read: column -> field, values for what is not in it, (field, their word) -> ours, the source."""

    columns: Mapping[str, str]
    source: str
    defaults: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Legacy:
    """A row that can be taken over: its stable key, its values (codes where they are codes), and when it was closed."""

    line: int
    key: str
    no: str
    values: Mapping[str, str]
    received: int
    closed: int
    rating: int | None
    assumed: tuple[str, ...]


def check(options: Options) -> None:
    """Raises Invalid for options that no file could fit."""
    named = [*options.columns.values(), *options.defaults, *(name for name, _ in options.words)]
    unknown = [name for name in named if name not in FIELDS]
    if unknown:
        raise Invalid("import_field", field=unknown[0], known=", ".join(FIELDS))
    lacking = [name for name in NEEDED if name not in options.columns.values()]
    if lacking:
        raise Invalid("legacy_needs", field=lacking[0])
    if len(set(options.columns.values())) < len(options.columns):
        raise Invalid("import_field_twice")
    if len(options.delimiter) != 1:
        raise Invalid("import_delimiter")


def as_intake(options: Options) -> rows.Options:
    """The same options as the readers of files know them."""
    return rows.Options(
        columns=options.columns, channel="app", source=options.source, delimiter=options.delimiter,
        encoding=options.encoding, sheet=options.sheet,
    )  # fmt: skip


def coded(options: Options, codes: Codes) -> Coded:
    """Reads values of lists, each spelling once."""
    known: dict[tuple[str, str], str] = {}

    def code(name: str, said: str) -> str:
        if (name, said) not in known:
            known[name, said] = _coded(name, said, options, codes)
        return known[name, said]

    return code


def sort_out(found: Iterator[Record], options: Options, codes: Codes, now: datetime) -> Iterator[Legacy | Refusal]:
    """Each record behind the header as a row to take over or as a refusal, in the order of the file."""
    names = rows.header(next(found, None), as_intake(options))
    seen, code = Counter[tuple[str, ...]](), coded(options, codes)
    for record in found:
        refusal = rows.unreadable(record, names)
        if refusal:
            yield refusal
            continue
        seen[record.cells] += 1
        key = rows.key_of(options.source, record.cells, seen[record.cells])
        yield row_of(record.line, dict(zip(names, record.cells, strict=True)), key, options, code, now)


def row_of(
    line: int, cells: Mapping[str, str], key: str, options: Options, code: Coded, now: datetime
) -> Legacy | Refusal:
    """One record with what was filled in; a value that cannot be used refuses its row."""
    values = {name: cells[column].strip() for column, name in options.columns.items()}
    beginning = " ".join(values["description"][:60].split())
    if not values["description"]:
        return Refusal(line, "row_no_description", {}, beginning)
    try:
        assumed = _filled(values, options)
        received, closed = _times(values, now)
        for name in LISTED:
            values[name] = code(name, values[name])
        no = _number(values.get("no", ""), closed, key)
        rating = _rating(values.get("rating", ""))
        _short(values)
    except Invalid as fault:
        return Refusal(line, fault.code, fault.facts, beginning)
    values["title"] = values.get("title") or title_of(values["description"])
    missing = ("received_at",) if not values.get("received_at") else ()
    return Legacy(line, key, no, values, received, closed, rating, (*assumed, *missing))


def _filled(values: dict[str, str], options: Options) -> tuple[str, ...]:
    """Puts what is assumed where the row says nothing; returns the names of those fields."""
    assumed = []
    for name, value in (ASSUMED | dict(options.defaults)).items():
        if not values.get(name):
            values[name] = value
            assumed.append(name)
    return tuple(assumed)


def _times(values: Mapping[str, str], now: datetime) -> tuple[int, int]:
    """(received, closed) in epoch seconds; what was received at an unknown time was received when it was closed."""
    found = {}
    for name in ("closed_at", "received_at"):
        said = values.get(name) or values.get("closed_at", "")
        try:
            found[name] = int(rows.moment(said, now).timestamp())
        except (ValueError, OverflowError) as error:
            raise Invalid("row_no_time", column=name, value=said[:40]) from error
    if found["closed_at"] > now.timestamp():
        raise Invalid("row_closed_ahead")
    if found["received_at"] > found["closed_at"]:
        raise Invalid("row_received_after")
    return found["received_at"], found["closed_at"]


def _coded(name: str, said: str, options: Options, codes: Codes) -> str:
    """The portal's code of a value. Raises Invalid naming the values there are."""
    said = options.words.get((name, said), said)
    found = codes[name].get(tokens.fold(said).strip())
    if found is None:
        known = ", ".join(dict.fromkeys(codes[name]))[:300]
        raise Invalid("row_not_listed", column=name, value=said[:40], known=known)
    return found


def _number(said: str, closed: int, key: str) -> str:
    """The record's number: the other system's, else one made of the row itself, the same at every run."""
    if not said:
        return f"LG-{key.removeprefix('import:')[:12].upper()}"
    no = said.upper()
    if not NUMBER.fullmatch(no) or len(no) > FIELDS["no"]:
        raise Invalid("row_number", value=said[:40])
    return no


def _rating(said: str) -> int | None:
    if not said:
        return None
    if said not in ("1", "2", "3", "4", "5"):
        raise Invalid("row_not_listed", column="rating", value=said[:40], known="1, 2, 3, 4, 5")
    return int(said)


def _short(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if len(value) > FIELDS[name]:
            raise Invalid("row_too_long", column=name, most=FIELDS[name], found=len(value))
