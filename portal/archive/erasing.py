"""What of a case is erased when it is disposed of, and how its bytes leave the store. Only disposal.py calls this.

What stays is a row of facts without a person (level, department, times, outcome, rating) and its clocks, from which
old figures come out as before; and every entry's header, which keeps the chain provable.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update

from portal.archive import leftovers
from portal.archive.indexes import ORDERS
from portal.archive.models import Archived, ArchivedNumber, ArchivedSnapshot, ArchivedText
from portal.archive.rules import row_tokens
from portal.archive.stores import quarters, store
from portal.attachments import holding
from portal.attachments.models import Attachment
from portal.cases.models import Case
from portal.collaboration.models import Follower
from portal.directory.models import Customer, CustomerContact
from portal.directory.queries import family, root
from portal.intake.models import Draft, Voicemail
from portal.journal.stream import canonical
from portal.kernel import files
from portal.kernel.db import db, transaction, write, write_many
from portal.knowledge.models import KnowledgeUse
from portal.notices.models import Notice

ENTRIES = (
    "SELECT j.id, j.kind, j.commitment, b.facts FROM journal j JOIN journal_body b ON b.journal_id = j.id"
    " WHERE j.stream = :stream ORDER BY j.n"
)
STAYS = {  # codes and numbers from which figures are counted (portal/reports), by kind of entry
    "Rated": ("overall", "means"), "Chased": ("by_customer",), "Closed": ("outcome",), "Judged": ("basis",),
    "Contacted": ("direction", "reached"),
}  # fmt: skip
NO_SALT = b""
LEFT_OVER = "INSERT INTO journal_body(journal_id, salt, facts) VALUES(:id, :salt, :facts)"
BODIES = "DELETE FROM journal_body WHERE journal_id IN (SELECT id FROM journal WHERE stream = :stream)"
MERGED = 500  # pages of the index that one step merges
LEFT = (
    "SELECT 1 FROM cases WHERE customer_id IN ({0}) AND disposed = ''"
    " UNION ALL SELECT 1 FROM group_file WHERE customer_id IN ({0})"
    " UNION ALL SELECT 1 FROM work_order WHERE customer_id IN ({0}) AND disposed = '' LIMIT 1"
)


class Erased(NamedTuple):
    """How many entries' bodies, and SHA-256 over their commitments."""

    entries: int
    digest: str


def bodies(stream: str) -> Erased:
    """Erases what the entries of a case's or order's journal say; the store refuses it but for an approved batch.

    Of some entries the codes that figures are counted from stay, in a body without a salt; the digest binds them.
    """
    found = write(ENTRIES, {"stream": stream})
    write(BODIES, {"stream": stream})
    digest, kept = hashlib.sha256(), []
    for number, kind, committed, raw in found:
        facts = json.loads(raw) if isinstance(raw, str) else raw
        left = {name: facts[name] for name in STAYS.get(kind, ()) if facts.get(name) is not None}
        digest.update(bytes(committed) + canonical(left))
        if left:
            kept.append({"id": number, "salt": NO_SALT, "facts": json.dumps(left)})
    write_many(LEFT_OVER, kept)
    return Erased(len(found), digest.hexdigest())


def everything_else(case: Case) -> None:
    """Erases records, search tokens, attachments, drafts, notices of the case, what leftovers.py knows of, and the
    customer's file when this was the last thing known of the customer."""
    session, mine = db.session, select(Archived).where(Archived.case_id == case.id)
    for row in session.scalars(mine):
        body = session.get(ArchivedText, row.id)
        if row.current and row.readers is None and body is not None:
            store().remove(row.quarter, row.place, row_tokens(row, body.text))
    ids = select(Archived.id).where(Archived.case_id == case.id)
    session.execute(delete(ArchivedText).where(ArchivedText.id.in_(ids)))
    session.execute(delete(ArchivedSnapshot).where(ArchivedSnapshot.id.in_(ids)))
    session.execute(delete(ArchivedNumber).where(ArchivedNumber.archived_id.in_(ids)))
    blank = {"title": "", "customer_name": "", "contact": "", "current": False, "readers": None}
    session.execute(update(Archived).where(Archived.case_id == case.id).values(**blank))
    _files(case)
    session.execute(delete(Draft).where(Draft.form.like(f"case:{case.id}:%") | (Draft.form == f"case:{case.id}")))
    session.execute(delete(Follower).where(Follower.case_id == case.id))
    session.execute(delete(KnowledgeUse).where(KnowledgeUse.case_id == case.id))
    leftovers.empty(case)
    session.execute(delete(Notice).where(Notice.subject == case.stream))
    of_customer(case.customer_id)


def _files(case: Case) -> None:
    """Attachments and voicemails; a content is unlinked once nothing names it and the transaction stands."""
    session = db.session
    rows = list(session.scalars(select(Attachment).where(Attachment.case_id == case.id)))
    digests = {row.sha256 for row in rows}
    session.execute(delete(Attachment).where(Attachment.case_id == case.id))
    for voice in session.scalars(select(Voicemail).where(Voicemail.case_id == case.id)):
        digests.add(voice.sha256)
        session.delete(voice)
    unlink(digests)


def unlink(digests: set[str]) -> None:
    """Has contents removed that no row names any more, once the transaction stands."""
    db.session.flush()
    db.session.info.setdefault("gone", []).extend(files.place(one) for one in digests - holding.named(digests))


def of_customer(customer_id: int) -> None:
    """Empties the files of a customer of whom no case, order or group file is left; the numbers stay for figures."""
    ids = family(root(customer_id).id)
    if write(LEFT.format(",".join(map(str, ids))), {}):
        return
    session = db.session
    session.execute(delete(CustomerContact).where(CustomerContact.customer_id.in_(ids)))
    blank = {"name": "", "number": "", "phone": "", "email": "", "prefers_time": "", "nuisance": None}
    session.execute(update(Customer).where(Customer.id.in_(ids)).values(**blank))
    leftovers.of_customer(ids)
    for one in ids:
        write(BODIES, {"stream": f"customer:{one}"})


def scrub(touched: Iterable[str]) -> None:
    """On SQLite: what was erased leaves the files' bytes. Tokens leave the quarters' index, pages the log beside it.

    Pages are overwritten as they are freed (secure_delete). PostgreSQL does this with its own vacuum.
    """
    if db.engine.dialect.name != "sqlite":
        return
    for quarter in set(touched) & {*quarters(), ORDERS}:
        pages, before = -MERGED, -1
        while before:  # a piece a transaction, so that no writer waits for the whole index
            with transaction() as session:
                raw: Any = session.connection().connection.dbapi_connection
                seen = raw.total_changes
                raw.execute(f"INSERT INTO archive_{quarter}(archive_{quarter}, rank) VALUES('merge', {pages})")
                before = raw.total_changes - seen > 1
            pages = MERGED
    checkpoint()


def checkpoint() -> None:
    """Empties SQLite's log as far as no reader needs it; the worker asks again every hour."""
    if db.engine.dialect.name != "sqlite":
        return
    db.session.rollback()
    raw = db.engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
