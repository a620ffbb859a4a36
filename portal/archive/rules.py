"""What is filed of a closed case, how long it is kept, and what an excerpt shows. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from portal.directory.rules import digits
from portal.kernel import tokens
from portal.kernel.config import ZONE
from portal.kernel.masking import hidden, without_names

KEEP_YEARS = 2  # AR1: at least two years from the last archiving
EVERYTHING = "xa0"  # a token that every row has
TITLE = "xt0"  # what the tokens of a title begin with, beside the title's share in the text
A_SECOND = 16  # places of a quarter that belong to one second; more records of a second stand right behind
SATISFIED = ("yes", "neutral", "no", "none")
HEAD = 6  # the first lines of a filed text: number, title, customer, contact, its digits, order number
_SAID = ("words", "text", "cause", "what", "comment", "reason", "told")
_ZONE = ZoneInfo(ZONE)
_NUMBER = re.compile(r"\d{7,}|(?<!\d)1\d\d[ -]\d{4}[ -]\d{4}(?!\d)|(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)")
_MAYBE = re.compile(r"[0-9０-９][\d -]{5,}\d")  # where a number may stand: found quickly, then looked at closely
_MAIL = re.compile(r"([A-Za-z0-9_.+-])[A-Za-z0-9_.+-]*@")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One closed case as it goes into the archive."""

    case_id: int
    no: str
    cycle: int
    archived_at: datetime
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
    text: str
    readers: list[int] | None = None
    spelled: str | None = None  # its tokens as the index takes them, where somebody has reckoned them already


def paper(case: Any, lines: Iterable[Any], at: datetime) -> Paper:
    """What is filed of a case; `lines` is its journal up to the closing."""
    return Paper(
        case_id=case.id, no=case.no, cycle=case.cycle, archived_at=at, title=case.title,
        customer_name=case.customer_name, contact=case.contact, level=case.level_now, channel=case.channel,
        department_id=case.unit_id, intake_unit_id=case.intake_unit_id, outcome=case.outcome,
        request_type=case.request_type, category=case.category, rating=case.rating, text=searched(case, lines),
        readers=case.readers,
    )  # fmt: skip


def searched(case: Any, lines: Iterable[Any]) -> str:
    """The text a case is found by, one field a line: what was asked, then all that was written and said."""
    fields = [
        case.no, case.title, case.customer_name, case.contact, digits(case.contact), case.order_no, case.product,
        case.description, case.demand, case.symptom,
    ]  # fmt: skip
    for entry in lines:
        if entry.kind != "Logged":
            fields += [str(entry.facts.get(name) or "") for name in _SAID]
    head = [tokens.line(field) for field in fields[:HEAD]]
    rest = dict.fromkeys(tokens.line(field) for field in fields[HEAD:])
    return "\n".join(head + [field for field in rest if field])


def retained_until(at: datetime) -> datetime:
    """The instant until which a record is kept at least."""
    try:
        return at.replace(year=at.year + KEEP_YEARS)
    except ValueError:  # the 29th of February
        return at.replace(year=at.year + KEEP_YEARS, month=3, day=1)


def quarter_of(at: datetime | date) -> str:
    """`2026q4`, on the installation's calendar."""
    day = at.astimezone(_ZONE) if isinstance(at, datetime) else at
    return f"{day.year:04d}q{(day.month + 2) // 3}"


def begins(quarter: str) -> datetime:
    """The first instant of a quarter (`2026q4`)."""
    return datetime(int(quarter[:4]), int(quarter[5]) * 3 - 2, 1, tzinfo=_ZONE)


def place_of(at: datetime) -> int:
    """The first place of an instant in its quarter. Places ascend with the time: they are the order of the index."""
    return int((at - begins(quarter_of(at))).total_seconds()) * A_SECOND


def satisfied(rating: int | None) -> str:
    """What a rating from 1 to 5 says: yes from 4 on, no up to 2; none where nobody rated."""
    if rating is None:
        return "none"
    return "yes" if rating >= 4 else "neutral" if rating == 3 else "no"


@lru_cache(maxsize=4_096)
def mark(name: str, value: object) -> str:
    """The token of a filter. It mixes letters and digits, which no token of a text of this length does."""
    return f"x{name}0" + re.sub(r"[^a-z0-9]", "", str(value).lower())


def marks(row: Any) -> set[str]:
    """The filter tokens of a row: one for each thing it can be found by, month and day, and who may see it."""
    day = row.archived_at.astimezone(_ZONE)
    return {
        EVERYTHING, mark("l", row.level), mark("c", row.channel), mark("d", row.department_id),
        mark("o", row.outcome), mark("k", row.request_type), mark("g", row.category),
        mark("s", satisfied(row.rating)), mark("m", f"{day:%Y%m}"), mark("y", f"{day:%Y%m%d}"),
        mark("u", row.department_id), mark("u", row.intake_unit_id),
    }  # fmt: skip


def row_tokens(row: Any, text: str) -> list[str]:
    """All tokens of a row, in a fixed order: what is filed, and what must be given again to take it out."""
    return sorted(token_set(row, text))


def token_set(row: Any, text: str) -> set[str]:
    """The same in no order, for those who file many; the index keeps none."""
    found = tokens.filed(text)
    found.update([TITLE + token for token in tokens.filed(row.title)], marks(row))
    return found


def days_between(start: date, end: date) -> list[str]:
    """Tokens that cover the days from start to end, both included: whole months where possible."""
    found, day = [], start
    while day <= end:
        after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        if day.day == 1 and after - timedelta(days=1) <= end:
            found.append(mark("m", f"{day:%Y%m}"))
            day = after
        else:
            found.append(mark("y", f"{day:%Y%m%d}"))
            day += timedelta(days=1)
    return found


def masked_text(text: str, names: Iterable[str] = ()) -> str:
    """Free text with telephone, card and order numbers, the names of mailboxes and these persons' names hidden."""
    covered = _MAYBE.sub(lambda found: _NUMBER.sub(_hide, found.group()), hidden(text))
    return without_names(_MAIL.sub(r"\1***@", covered) if "@" in covered else covered, names)


def _hide(found: re.Match[str]) -> str:
    number = found.group()
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "*" * (len(number) - 2) + number[-2:]


def excerpt(lines: list[str], wanted: tuple[str, ...], width: int = 34) -> list[tuple[str, bool]]:
    """Up to three stretches of the lines around the terms, marked; the beginning where no term occurs."""
    body = " · ".join(lines)
    places = [tokens.first_place(body, (term,)) for term in wanted]
    spots = sorted(place for place in places if place is not None)[:3]
    windows: list[list[int]] = []
    for place in spots or [0]:
        start, end = max(0, place - width), min(len(body), place + width * 2)
        if windows and start <= windows[-1][1]:
            windows[-1][1] = end
        else:
            windows.append([start, end])
    pieces = [("…", False)] if windows[0][0] else []
    for start, end in windows:
        pieces += tokens.marked(body[start:end], wanted)
        pieces += [("…", False)] if end < len(body) else []
    return pieces
