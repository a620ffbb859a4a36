"""Finding records by a whole number that nobody has to see: digests under a key that lies outside the store (AR6).

A digest says nothing without the key; with it, only who has the whole number finds its records.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from portal.archive.models import Archived, ArchivedNumber
from portal.cases.models import Case
from portal.directory.models import Customer, CustomerContact
from portal.directory.queries import subject
from portal.directory.rules import digits
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.kernel.db import db, read, transaction, write, write_many
from portal.kernel.errors import Invalid
from portal.kernel.masking import numbers, plain

SHORTEST, MOST = 7, 50
FILED = "INSERT INTO archived_number(digest, archived_id) VALUES(:digest, :row) ON CONFLICT DO NOTHING"
UP_TO = "SELECT value FROM installation WHERE name = 'numbers_filed'"
BEHIND = "SELECT id, text FROM archived_text WHERE id > :after ORDER BY id LIMIT :most"
MOVED = (
    "INSERT INTO installation(name, value) VALUES('numbers_filed', :now) ON CONFLICT(name) DO UPDATE SET value = :now"
)
SIZE = 16  # bytes of a digest that are kept
_keys: dict[Path, bytes] = {}


class FoundBy(NamedTuple):
    """Where a number occurs: closed and open cases, customer files; each as its row."""

    records: list[Archived]
    cases: list[Case]
    files: list[Customer]


def key() -> bytes:
    """PORTAL_BLIND_KEY (64 hex digits), else the key of this data folder, made once and readable by its owner alone."""
    given = os.environ.get("PORTAL_BLIND_KEY", "")
    if given:
        return bytes.fromhex(given)
    file: Path = current_app.config["PORTAL"].data / "blind.key"
    if file not in _keys:
        _keys[file] = _kept(file)
    return _keys[file]


def _kept(file: Path) -> bytes:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(file.read_text().strip())
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_hex(32))
    return bytes.fromhex(file.read_text().strip())


def digest(number: str) -> bytes:
    """The keyed digest of a number without gaps."""
    return hmac.new(key(), number.encode(), hashlib.sha256).digest()[:SIZE]


def index(filed: Iterable[tuple[int, str]]) -> None:
    """Files rows, as (id, text), under the digests of the numbers in their texts. Call inside transaction()."""
    rows = [
        {"digest": digest(number), "row": row}
        for row, text in filed
        for number in dict.fromkeys(number for _kind, number in numbers(text))
    ]
    if rows:
        write_many(FILED, rows)


def catch_up(most: int = 2_000) -> int:
    """Files records that were there before the digests, a piece at a time; returns how many were looked at."""
    found = read(UP_TO, {})
    after = int(found[0][0]) if found else 0
    rows = read(BEHIND, {"after": after, "most": most})
    if rows:
        with transaction():
            index(rows)  # type: ignore[arg-type]
            write(MOVED, {"now": str(rows[-1][0])})
    return len(rows)


def check(typed: str) -> str:
    """The number without gaps. Raises Invalid for one that cannot be whole."""
    number = plain(typed)
    if len(number) < SHORTEST:
        raise Invalid("whole_number", field="number")
    return number


def find(actor: Actor, typed: str) -> FoundBy:
    """What this person may see of the cases and customers that have exactly this number. Raises Invalid."""
    allow(actor, "customer.find")
    number = check(typed)
    wanted = select(ArchivedNumber.archived_id).where(ArchivedNumber.digest == digest(number))
    query = select(Archived).where(Archived.id.in_(wanted), Archived.current).order_by(Archived.id.desc()).limit(MOST)
    records = [row for row in db.session.scalars(query) if may(actor, "archive.view", row)]
    held = select(CustomerContact.customer_id).where(CustomerContact.folded.in_({number.lower(), digits(number)}))
    files = list(db.session.scalars(select(Customer).where(Customer.id.in_(held)).order_by(Customer.id).limit(MOST)))
    files = [file for file in files if may(actor, "customer.view", subject(file.id))]
    ids = [file.id for file in files]
    running = select(Case).where(Case.customer_id.in_(ids), Case.open).order_by(Case.id.desc()).limit(MOST)
    return FoundBy(records, [case for case in db.session.scalars(running) if may(actor, "case.view", case)], files)
