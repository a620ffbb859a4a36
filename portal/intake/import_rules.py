"""Reading another system's file: encoding, rows, what may be brought in. Pure; faults are codes and facts."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.cases.rules import CATEGORIES, CHANNELS, TYPES
from portal.kernel.errors import Invalid
from portal.kernel.i18n import parse_local

FIELDS = (
    "description", "demand", "happened", "received_at", "customer_name", "contact", "order_no", "product",
    "symptom", "title", "request_type", "category", "urgency",
)  # fmt: skip
LONGEST = {
    "description": 20_000, "demand": 4_000, "happened": 120, "customer_name": 120, "contact": 120,
    "order_no": 60, "product": 120, "symptom": 200, "title": 120,
}  # fmt: skip
CHOICES = {"request_type": TYPES, "category": CATEGORIES, "urgency": ("normal", "urgent")}
MOST_BYTES = 200 * 1024 * 1024
MOST_LINES = 500  # a quoted cell that spans more lines than this is taken for a quote that was never closed
BROKEN = "\ufffd"
LETTERS = "ABCDEFGHJKLMNPQRTUVWXY"  # no I, O, S, Z: they are misread for digits


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a file is to be read: column -> field, values for what is not in it, the channel."""

    columns: Mapping[str, str]
    channel: str
    customer_prefix: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    delimiter: str = ","
    encoding: str = ""
    sheet: str = ""
    spelled: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by field: what may be said -> its code

    def coded(self, name: str, value: str) -> str:
        """A value of a list as its code; anything else as it is."""
        return self.spelled.get(name, {}).get(value.casefold(), value)

    def known(self, name: str) -> tuple[str, ...]:
        """The codes of a list, each once; empty for a field without one."""
        return tuple(dict.fromkeys(self.spelled.get(name, {}).values())) or CHOICES.get(name, ())


@dataclass(frozen=True)
class Record:
    """One record of the file: the line it begins on, its cells, or the fault that makes it unreadable."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True)
class Row:
    """A record that can be brought in: its stable key, its values, which were filled in."""

    line: int
    key: str
    values: Mapping[str, str]
    received: datetime
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A record that cannot be brought in: where, why (a code and its facts), and how it begins."""

    line: int
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    beginning: str = ""


def decoded(raw: bytes, wanted: str = "") -> tuple[str, str]:
    """The text of a file and its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, GB18030.

    Single broken bytes become replacement characters: only their rows are refused. Raises Invalid for an
    unknown encoding or a file that is too large.
    """
    if len(raw) > MOST_BYTES:
        raise Invalid("import_too_large", most=MOST_BYTES // 1024 // 1024)
    name = wanted or _encoding(raw)
    try:
        return raw.decode(name, errors="replace"), name
    except LookupError as error:
        raise Invalid("import_encoding", encoding=name) from error


def _encoding(raw: bytes) -> str:
    """The encoding a file is most likely in."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if _strict(raw, "utf-8"):
        return "utf-8-sig"
    wide = sum(1 for byte in raw if byte >= 0x80)
    wrong = raw.decode("utf-8", errors="replace").count(BROKEN)
    # a UTF-8 file with a few broken bytes stays UTF-8; in a GB18030 file nearly every character breaks
    return "utf-8-sig" if wrong * 20 < wide else "gb18030"


def _strict(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def records(text: str, delimiter: str = ",") -> Iterator[Record]:
    """The records of a CSV text. A malformed one is a fault on its own line; reading goes on."""
    lines = list(io.StringIO(text, newline=""))
    limit = csv.field_size_limit(max(131_072, len(text) + 1))
    try:
        here = 0
        while here < len(lines):
            reader = csv.reader(lines[here : here + MOST_LINES], delimiter=delimiter, strict=True)
            try:
                cells = next(reader)
            except csv.Error as error:
                open_quote = "end of data" in str(error)
                yield Record(here + 1, (lines[here][:200],), "quote_open" if open_quote else "quote_stray")
                here += 1
                continue
            yield Record(here + 1, tuple(cells))
            here += reader.line_num
    finally:
        csv.field_size_limit(limit)


def header(record: Record | None, options: Options) -> tuple[str, ...]:
    """The column names. Raises Invalid, one clear line, when the file cannot be what the options describe."""
    if record is None or record.fault or not any(c.strip() for c in record.cells):
        raise Invalid("import_no_header")
    names = tuple(c.strip() for c in record.cells)
    twice = [n for n, count in Counter(n for n in names if n).items() if count > 1]
    if twice:
        raise Invalid("import_column_twice", column=twice[0])
    lacking = [c for c in options.columns if c not in names]
    if lacking:
        raise Invalid("import_column_missing", column=", ".join(lacking), found=", ".join(names)[:200])
    return names


def check(options: Options) -> None:
    """Raises Invalid for options that no file could fit."""
    if options.channel not in CHANNELS:
        raise Invalid("import_channel", channel=options.channel, known=", ".join(CHANNELS))
    unknown = [f for f in (*options.columns.values(), *options.defaults) if f not in FIELDS]
    if unknown:
        raise Invalid("import_field", field=unknown[0], known=", ".join(FIELDS))
    if "description" not in options.columns.values():
        raise Invalid("import_needs_description")
    if len(set(options.columns.values())) < len(options.columns):
        raise Invalid("import_field_twice")
    if len(options.delimiter) != 1:
        raise Invalid("import_delimiter")
    faults = (_fault(name, options.coded(name, value), options.known(name)) for name, value in options.defaults.items())
    wrong = next(filter(None, faults), None)
    if wrong:
        raise Invalid("import_default", field=wrong[1]["column"])


def key_of(source: str, cells: Sequence[str], nth: int) -> str:
    """A row's stable key: the source's name, what the row says, and which of several equal rows it is.

    A file with lines added or mended brings in only those; equal rows of another source stay apart.
    """
    text = "\x1f".join((source, str(nth), *cells))
    return "import:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def customer_of(prefix: str, key: str) -> str:
    """A name for an unnamed customer, the same at every run: prefix and nine letters of the key."""
    number, letters = int(key.removeprefix("import:"), 16), ""
    for _ in range(9):
        number, rest = divmod(number, len(LETTERS))
        letters += LETTERS[rest]
    return f"{prefix}-{letters}"


def sort_out(
    found: Iterator[Record], names: tuple[str, ...], options: Options, now: datetime
) -> Iterator[Row | Refusal]:
    """Each record after the header as a row to bring in or as a refusal, in the order of the file."""
    seen: Counter[tuple[str, ...]] = Counter()
    for record in found:
        refusal = unreadable(record, names)
        if refusal:
            yield refusal
            continue
        seen[record.cells] += 1
        key = key_of(options.source, record.cells, seen[record.cells])
        yield row_of(record, dict(zip(names, record.cells, strict=True)), key, options, now)


def unreadable(record: Record, names: tuple[str, ...]) -> Refusal | None:
    """Why nothing of a record can be used, or None."""
    beginning, found = " ".join("".join(record.cells)[:60].replace("\0", "").split()), len(record.cells)
    reasons: tuple[tuple[str, Callable[[], bool], dict[str, Any]], ...] = (
        (record.fault, lambda: bool(record.fault), {}),
        ("row_empty", lambda: not any(c.strip() for c in record.cells), {}),
        ("row_columns", lambda: found != len(names), {"found": found, "wanted": len(names)}),
        ("row_nul", lambda: any("\0" in c for c in record.cells), {}),
        ("row_undecodable", lambda: any(BROKEN in c for c in record.cells), {}),
    )  # fmt: skip
    for code, holds, facts in reasons:
        if holds():
            return Refusal(record.line, code, facts, beginning)
    return None


def row_of(record: Record, cells: Mapping[str, str], key: str, options: Options, now: datetime) -> Row | Refusal:
    """The values of one record with what was filled in; vague texts pass, unusable values are refused."""
    values = {name: options.coded(name, cells[column].strip()) for column, name in options.columns.items()}
    beginning = " ".join(values.get("description", "")[:60].split())
    if not values["description"]:
        return Refusal(record.line, "row_no_description", {}, beginning)
    for name, value in values.items():
        fault = _fault(name, value, options.known(name))
        if fault:
            return Refusal(record.line, fault[0], fault[1], beginning)
    assumed = _fill(values, key, options)
    received = moment(values.pop("received_at"), now) if values.get("received_at") else now
    if received > now:
        return Refusal(record.line, "row_received_ahead", {}, beginning)
    return Row(record.line, key, values, received, assumed)


def _fault(name: str, value: str, known: tuple[str, ...]) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with one value: too long, not on its list, not a time."""
    longest = LONGEST.get(name)
    if longest and len(value) > longest:
        return "row_too_long", {"column": name, "most": longest, "found": len(value)}
    if value and known and value not in known:
        return "row_not_listed", {"column": name, "value": value[:40], "known": ", ".join(known)}
    if value and name == "received_at" and not _is_time(value):
        return "row_no_time", {"column": name, "value": value[:40]}
    return None


def _is_time(value: str) -> bool:
    try:
        return value == "now" or bool(parse_local(value))
    except ValueError:
        return False


def moment(value: str, now: datetime) -> datetime:
    """The instant a value names, on the installation's clock; "now" is the instant of the import."""
    return now if value == "now" else parse_local(value).replace(microsecond=0)


def _fill(values: dict[str, str], key: str, options: Options) -> tuple[str, ...]:
    """Puts defaults where the row says nothing; returns the fields filled in ("assumed by import")."""
    assumed = []
    for name, value in ({"received_at": "now"} | dict(options.defaults)).items():
        if not values.get(name):
            values[name] = options.coded(name, value)
            assumed.append(name)
    if not values.get("contact") and not values.get("customer_name") and options.customer_prefix:
        values["customer_name"] = values["contact"] = customer_of(options.customer_prefix, key)
        assumed.append("customer")
    return tuple(assumed)
