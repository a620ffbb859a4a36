"""Rules of the backup channel: numbers of sheets, what may become of one, limits of entering afterwards. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.kernel.errors import Invalid, Refused

LIMIT = timedelta(hours=4)  # EM5: entered within so long after service is back [H]
CHASE_EVERY = timedelta(days=1)  # a missing sheet is chased so often [H]
MOST_SHEETS, MOST_ENTRIES = 100, 200
STATES = ("stock", "out", "used", "void", "missing")
MEANS = ("paper", "page", "file")
TEXTS = {
    "serial": 40, "heard_by": 80, "contact": 120, "customer_name": 120, "description": 8000, "demand": 1000,
    "occurred": 120,
}  # fmt: skip
_CODE = re.compile(r"[^A-Z0-9]")


class Typed(NamedTuple):
    """One entry of the offline form: `heard` epoch seconds, texts as typed."""

    key: str
    heard: int
    texts: dict[str, str]


def serial_of(code: str, number: int) -> str:
    """The number on a sheet: `BK-SERVICE-0042`, from the department's code."""
    return f"BK-{_CODE.sub('', code.upper())[:10]}-{number:04d}"


def tidy(serial: str) -> str:
    """A number as it is kept: upper case, without blanks."""
    return "".join(serial.split()).upper()[:40]


def usable(sheet: Any) -> None:
    """Raises Invalid at the serial when its sheet is used, void, or no such sheet was ever printed."""
    if sheet is None:
        raise Invalid("no_such_paper", field="serial")
    if sheet.state == "used":
        raise Invalid("sheet_used", field="serial", no=sheet.case_no)
    if sheet.state == "void":
        raise Invalid("sheet_void", field="serial", words=sheet.words)


def heard(moment: datetime, now: datetime) -> None:
    """Raises Invalid for an instant that lies ahead."""
    if moment > now:
        raise Invalid("heard_ahead", field="heard")


def may_move(sheet: Any, state: str, words: str) -> str:
    """Void, missing, or out again (found): always with a reason. Raises Refused, Invalid."""
    allowed = {"void": ("stock", "out", "missing"), "missing": ("out",), "out": ("missing",)}
    if state not in allowed or sheet.state not in allowed[state]:
        raise Refused("sheet_elsewhere", serial=sheet.serial, state=f"term:sheet.{sheet.state}")
    if not words.strip():
        raise Invalid("sheet_words", field="words")
    return words.strip()[:400]


def counted(sheets: Iterable[Any], unused_from: str) -> tuple[list[Any], list[Any]]:
    """A block is counted: (sheets back in stock from the first unused number on, sheets nobody can account for).

    Without a first unused number every sheet was handed out. Raises Invalid for a number that is not of the block, and
    for one behind which a sheet was already used.
    """
    rows = sorted(sheets, key=lambda one: one.n)
    first = next((one.n for one in rows if one.serial == unused_from), None) if unused_from else None
    if unused_from and first is None:
        raise Invalid("no_such_paper", field="unused")
    if first is not None and any(one.n >= first and one.state in ("used", "void") for one in rows):
        raise Invalid("sheet_used_behind", field="unused")
    left = [one for one in rows if one.state == "out"]
    back = [one for one in left if first is not None and one.n >= first]
    return back, [one for one in left if one not in back]


def limit(restored: datetime | None) -> datetime | None:
    """Until when requests of an outage are entered; None while it goes on."""
    return restored + LIMIT if restored else None


def typed(rows: Any) -> tuple[list[Typed], list[tuple[str, str]]]:
    """What an offline form sends: (entries that can be taken, (key, why) of those that cannot). Raises Invalid."""
    if not isinstance(rows, list) or len(rows) > MOST_ENTRIES:
        raise Invalid("offline_unreadable", field="file")
    taken: list[Typed] = []
    refused: list[tuple[str, str]] = []
    for row in rows:
        one = _typed(row)
        if isinstance(one, Typed):
            taken.append(one)
        else:
            refused.append(one)
    return taken, refused


def _typed(row: Any) -> Typed | tuple[str, str]:
    key = row.get("key") if isinstance(row, dict) else None
    if not isinstance(key, str) or not 8 <= len(key) <= 50 or not key.isascii():
        return "", "offline_no_key"
    when, texts = row.get("heard"), {name: row.get(name, "") for name in TEXTS}
    if isinstance(when, bool) or not isinstance(when, int) or not 0 < when < 32_503_680_000:
        return key, "offline_no_time"
    if not all(isinstance(text, str) for text in texts.values()) or not texts["description"].strip():
        return key, "offline_no_words"
    return Typed(key, when, {name: texts[name].replace("\0", "").strip()[:most] for name, most in TEXTS.items()})
