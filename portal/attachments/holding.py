"""Whether the contents in the data folder are what the rows say, and which of them nobody needs any more."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, select

from portal.attachments import queries
from portal.attachments.models import Attachment
from portal.kernel import files
from portal.kernel.db import db, transaction

WAITS = timedelta(days=30)  # a file beside a form that was never sent
STRAY = timedelta(days=1)  # a content that no row names: an upload that was cut, or whose row was taken away
NEWEST = 500


_needed: list[Callable[[Collection[str]], set[str]]] = []


def also(call: Callable[[Collection[str]], set[str]]) -> None:
    """Lets a room above say which of some contents its own rows name (wired by the factory)."""
    if call not in _needed:
        _needed.append(call)


def named(digests: Collection[str]) -> set[str]:
    """Which of some contents rows of any room still name."""
    return queries.used(list(digests)).union(*(call(digests) for call in _needed))


class Loss(NamedTuple):
    """A file whose content does not hold; state is changed or missing."""

    case_id: int
    name: str
    state: str


def losses(most: int | None = NEWEST) -> tuple[int, list[Loss]]:
    """(how many files were looked at, those whose content does not hold): of cases, the newest first; None for all."""
    query = select(Attachment).where(Attachment.case_id.is_not(None)).order_by(Attachment.id.desc()).limit(most)
    looked, found, known = 0, [], {}
    for row in db.session.scalars(query):
        looked += 1
        if row.sha256 not in known:
            known[row.sha256] = files.state(row.sha256)
        if known[row.sha256] != "sound":
            found.append(Loss(row.case_id or 0, row.name, known[row.sha256]))
    return looked, found


def tidy(now: datetime) -> int:
    """Lets go of files that waited a month beside a form, and of contents no row has named for a day; their number."""
    old = Attachment.case_id.is_(None) & (Attachment.at < now - WAITS)
    with transaction() as session:
        session.execute(delete(Attachment).where(old))
        stray = [path for path in files.names() if _age(path, now) > STRAY]
        used = named([path.name for path in stray])
        gone = [path for path in stray if path.name not in used]
        for path in gone:
            path.unlink(missing_ok=True)
    return len(gone)


def _age(path: Path, now: datetime) -> timedelta:
    return timedelta(seconds=now.timestamp() - path.stat().st_mtime)
