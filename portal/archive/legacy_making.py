"""What a row of another system's archive becomes, worked out beside the store: by another process where there is one.

Everything here is reckoned from the row alone, so a second core can do it while the first one writes.
"""

import hashlib
import hmac
import json
import secrets
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from portal.archive.legacy_rules import Legacy
from portal.archive.rules import Paper, paper, row_tokens
from portal.archive.stores import Store
from portal.cases.apply import apply
from portal.cases.legacy_events import Plain, TakenOver
from portal.cases.models import Case
from portal.clocks.keeper import NEVER
from portal.journal.stream import EMPTY, Line, canonical, commitment
from portal.kernel.masking import numbers

FORMAT, DIGEST = 1, 16
KIND = "TakenOver"
OWN = ("id", "press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at", "version")
NEW = {"version": 1, "press": NEVER, "clock_kind": "", "harm": False}

BLANK: dict[str, Any] = {column.key: NEW.get(column.key) for column in Case.__table__.columns}


@dataclass(frozen=True)
class Task:
    """A row with what the store knows of it: its customer's file and its departments."""

    row: Legacy
    customer_id: int
    unit_id: int
    home_id: int


@dataclass
class Made:
    """A record ready to be written: all but the numbers that the store gives it."""

    key: str
    line: int
    paper: Paper
    case: dict[str, Any]
    facts: str
    salt: bytes
    commitment: bytes
    sha256: str
    body: bytes
    digests: tuple[bytes, ...]


def make(tasks: list[Task], now: int, blind_key: bytes, index: Store) -> list[Made]:
    """Records of rows, their tokens as this index takes them; `now` in epoch seconds."""
    at = datetime.fromtimestamp(now, UTC)
    return [_made(task, at, blind_key, index) for task in tasks]


def _made(task: Task, at: datetime, blind_key: bytes, index: Store) -> Made:
    event = _event(task)
    facts = vars(event)
    case = Plain()
    apply(case, event, at, 0)
    closed = datetime.fromtimestamp(event.closed, UTC)
    filed = paper(_seen(case), [Line(0, 1, at, None, 0, KIND, facts)], closed)
    row = _row(case)
    body = canonical(_document(row, facts, int(at.timestamp()), event.closed))
    salt = secrets.token_bytes(16)
    found = dict.fromkeys(number for _kind, number in numbers(filed.text))
    digests = tuple(hmac.new(blind_key, one.encode(), hashlib.sha256).digest()[:DIGEST] for one in found)
    filed = replace(filed, spelled=index.spelled(row_tokens(filed, filed.text)))
    return Made(
        key=task.row.key, line=task.row.line, paper=filed, case=row,
        facts=json.dumps(facts), salt=salt, commitment=commitment(salt, facts),
        sha256=hashlib.sha256(body).hexdigest(), body=zlib.compress(body, 6), digests=digests,
    )  # fmt: skip


def _event(task: Task) -> TakenOver:
    row, said = task.row, task.row.values
    names = ("customer_name", "contact", "request_type", "category", "title", "description", "demand", "happened",
             "order_no", "product", "symptom", "level", "outcome", "channel", "cause", "handled_by")  # fmt: skip
    texts = {name: said.get(name, "") for name in names}
    return TakenOver(
        **texts, no=row.no, customer_id=task.customer_id, received=row.received, closed=row.closed,
        unit_id=task.unit_id, intake_unit_id=task.home_id, text=said.get("result", ""), words=said.get("course", ""),
        rating=row.rating, assumed=row.assumed, source=row.key,
    )  # fmt: skip


class _Seen(Plain):
    """A made case with what is reckoned from its fields."""

    readers = None
    id = 0

    @property
    def level_now(self) -> str:
        """Its level."""
        return str(self.values["level"])


def _seen(case: Plain) -> _Seen:
    return _Seen(case.values)


def _row(case: Plain) -> dict[str, Any]:
    """The columns of the row as the store keeps them."""
    found = BLANK | {name: value for name, value in case.values.items() if name in BLANK}
    for name, value in found.items():
        if isinstance(value, datetime):
            found[name] = int(value.timestamp())
        elif isinstance(value, list | dict):
            found[name] = json.dumps(value)
    return found


def _document(row: dict[str, Any], facts: dict[str, Any], now: int, closed: int) -> dict[str, Any]:
    """The whole record, as snapshots.document makes it of a case that was closed here; marked as imported."""
    lists = ("read_back", "assumed", "incomplete")
    case = {name: json.loads(value) if name in lists else value for name, value in row.items() if name not in OWN}
    return {
        "format": FORMAT, "archived_at": closed, "imported_at": now, "case": case,
        "entries": [[1, now, None, 0, KIND, facts]], "clocks": [], "files": [],
    }  # fmt: skip


__all__ = ["EMPTY", "KIND", "Made", "Task", "make"]
