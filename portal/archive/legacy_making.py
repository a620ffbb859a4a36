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

from sqlalchemy import JSON

from portal.archive.indexes import Store
from portal.archive.legacy_rules import Legacy
from portal.archive.rules import Paper, paper, token_set
from portal.cases.apply import apply
from portal.cases.legacy_events import Plain, TakenOver
from portal.cases.models import Case
from portal.clocks.keeper import NEVER
from portal.journal.stream import EMPTY, Line, canonical, committed
from portal.kernel.db import Instant
from portal.kernel.masking import numbers

FORMAT, DIGEST = 1, 16
KIND = "TakenOver"
OWN = ("id", "press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at", "version")
NEW = {"version": 1, "press": NEVER, "clock_kind": "", "harm": False}
COLUMNS = {column.key: column.type for column in Case.__table__.columns}
BLANK: dict[str, Any] = {name: NEW.get(name) for name in COLUMNS}
INSTANTS = [name for name, kind in COLUMNS.items() if isinstance(kind, Instant)]
LISTS = [name for name, kind in COLUMNS.items() if isinstance(kind, JSON)]
KEPT = sorted(set(COLUMNS) - set(OWN))
DOCUMENT = (  # as snapshots.document makes it of a case that was closed here, in its one spelling; marked as imported
    b'{"archived_at":%d,"case":%b,"clocks":[],"entries":[[1,%d,null,0,"%b",%b]],"files":[],"format":%d,"imported_at":%d}'
)


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
    said = canonical(facts)
    case = Plain()
    apply(case, event, at, 0)
    closed = datetime.fromtimestamp(event.closed, UTC)
    filed = paper(_seen(case), [Line(0, 1, at, None, 0, KIND, facts)], closed)
    row, body = _row_and_document(case, said, int(at.timestamp()), event.closed)
    salt = secrets.token_bytes(16)
    found = dict.fromkeys(number for _kind, number in numbers(filed.text))
    digests = tuple(hmac.digest(blind_key, one.encode(), "sha256")[:DIGEST] for one in found)
    filed = replace(filed, spelled=index.spelled(token_set(filed, filed.text)))
    return Made(
        key=task.row.key, line=task.row.line, paper=filed, case=row,
        facts=said.decode(), salt=salt, commitment=committed(salt, said),
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


def _row_and_document(case: Plain, said: bytes, now: int, closed: int) -> tuple[dict[str, Any], bytes]:
    """The columns of the row as the store keeps them, and the whole record in its one spelling."""
    row = BLANK | {name: value for name, value in case.values.items() if name in BLANK}
    for name in INSTANTS:
        if isinstance(row[name], datetime):
            row[name] = int(row[name].timestamp())
    kept = canonical({name: row[name] for name in KEPT})
    for name in LISTS:
        if row[name] is not None:
            row[name] = json.dumps(row[name])
    return row, DOCUMENT % (closed, kept, now, KIND.encode(), said, FORMAT, now)


__all__ = ["EMPTY", "KIND", "Made", "Task", "make"]
