"""Reading cases. Queries answer questions; they change nothing."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text

from portal.cases.ending import WRITTEN, Attempt
from portal.cases.models import Case
from portal.clocks import book as books
from portal.clocks.models import Clock
from portal.directory.queries import family, root
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel.db import db, read, write
from portal.kernel.engines import holds
from portal.kernel.errors import Missing, Stale
from portal.kernel.gather import number
from portal.kernel.i18n import local

# built once: half of what such a question costs is building it
BY_NO = select(Case).where(Case.no == bindparam("no"))
TO_CHANGE = BY_NO.with_for_update().execution_options(populate_existing=True)


def case_by_no(actor: Actor, no: str) -> Case:
    """The case with this number, if the actor may see it; Missing alike for unknown and for forbidden ones."""
    case = db.session.scalar(BY_NO, {"no": no.strip().upper()})
    if case is None or not may(actor, "case.view", case):
        raise Missing("no_such_case", no=no)
    if case.disposed:
        raise Missing("case_disposed", no=case.no, batch=case.disposed)
    return case


class Head(NamedTuple):
    """The few facts of a case that say whether a screen is still right; `family` moves with the customer's cases."""

    id: int
    no: str
    version: int
    unit_id: int
    intake_unit_id: int
    family: int
    partners: str = ""
    restricted: Any = None
    disposed: str = ""

    @property
    def partner_ids(self) -> frozenset[int]:
        """The units that cooperate."""
        return frozenset(int(one) for one in self.partners.split(",") if one)

    @property
    def readers(self) -> list[int] | None:
        """Who alone may read the case."""
        kept = json.loads(self.restricted) if isinstance(self.restricted, str) else self.restricted
        return kept["readers"] if kept else None

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units concerned."""
        return frozenset((self.unit_id, self.intake_unit_id))


HEAD = text(
    "SELECT c.id, c.no, c.version, c.unit_id, c.intake_unit_id,"
    " (SELECT sum(o.id * 31 + o.version) FROM (SELECT x.id, x.version FROM cases x"
    " WHERE x.customer_id = c.customer_id ORDER BY x.id DESC LIMIT 11) o)"
    " + (SELECT CAST(k.version AS BIGINT) * 1000003 FROM customer k WHERE k.id = c.customer_id),"
    " c.partners, c.restricted, c.disposed"
    " FROM cases c WHERE c.no = :no"
)


def head_by_no(actor: Actor, no: str) -> Head:
    """A case's head in one query, if the actor may see the case. Raises Missing."""
    row = db.session.execute(HEAD, {"no": no.strip().upper()}).first()
    head = Head(*row) if row else None
    if head is None or not may(actor, "case.view", head):
        raise Missing("no_such_case", no=no)
    if head.disposed:
        raise Missing("case_disposed", no=head.no, batch=head.disposed)
    return head


def case_to_change(actor: Actor, no: str, seen: int | None = None) -> Case:
    """The case, locked for this transaction. Raises Stale when it changed since the version the actor saw."""
    case = db.session.scalar(TO_CHANGE, {"no": no.strip().upper()})
    if case is None or not may(actor, "case.view", case):
        raise Missing("no_such_case", no=no)
    if seen is not None and seen != case.version:
        raise Stale("changed_meanwhile", no=no, seen=seen)
    return case


def _running(case: Case, kind: str) -> Clock | None:
    wanted = (Clock.case_id == case.id) & (Clock.kind == kind) & (Clock.outcome == "running")
    return db.session.scalar(select(Clock).where(wanted))


def limit_of(case: Case, kind: str) -> datetime | None:
    """When the running clock of a kind ends, as agreed with the customer or by the policy."""
    clock = _running(case, kind)
    return clock.effective_due if clock else None


def share_used(case: Case, kind: str, now: datetime) -> float:
    """How much of the running clock's wall time from start to due has gone; 0 without one."""
    clock = _running(case, kind)
    whole = (clock.effective_due - clock.started_at).total_seconds() if clock else 0
    return (now - clock.started_at).total_seconds() / whole if clock and whole > 0 else 0.0


def next_number(now: datetime) -> str:
    """The next case number of the month, `CS2611-0473`: short enough to be read out."""
    series = f"CS{local(now):%y%m}"
    return f"{series}-{number('case number', lambda many: _numbers(series, many)):04d}"


def _numbers(series: str, many: int) -> range:
    """The next numbers of a series."""
    counted = (
        "INSERT INTO counter(series, last) VALUES(:s, :many)"
        " ON CONFLICT(series) DO UPDATE SET last = counter.last + excluded.last RETURNING last"
    )
    last = write(counted, {"s": series, "many": many})[0][0]
    return range(last - many + 1, last + 1)


def history(case: Case) -> list[Line]:
    """What happened to a case, newest first."""
    return stream.read(case.stream, newest_first=True)


def attempts(case: Case) -> list[Attempt]:
    """Attempts of the present cycle to reach the customer: in vain, or in writing (local day, means, a working day)."""
    found: list[Attempt] = []
    lines = stream.read(case.stream)
    back = {line.facts["entry"] for line in lines if line.kind == "Undone"}
    for line in (one for one in lines if one.n not in back):
        if line.kind == "Reopened":
            found = []
        elif line.kind == "Contacted" and line.facts["direction"] == "out" and not line.facts.get("automatic"):
            if line.facts["reached"] and line.facts["means"] not in WRITTEN:
                found = []  # the customer was spoken with: what was in vain before no longer counts
                continue
            when = line.occurred_at or line.at
            book = books.in_force(when)
            days = book.calendars[book.policy.day_calendar]
            working = days.is_working_day(days.local_date(int(when.timestamp())))
            found.append((f"{local(when):%Y-%m-%d}", line.facts["means"], working))
    return found


def reopen_within(case: Case, now: datetime) -> timedelta:
    """How long after its end a case comes back as a new cycle, by the policy in force (QU9)."""
    return timedelta(days=books.in_force(now).policy.reopen_days)


def main_of(case: Case) -> Case:
    """The case in which a merged one is followed, through all mergings, locked for this transaction."""
    while case.state == "merged" and case.merged_into:
        case = db.session.get_one(Case, case.merged_into, with_for_update=True, populate_existing=True)
    return case


def cases_of(customer_id: int, but: int | None = None, *, before: int = 0, size: int = 10) -> list[Case]:
    """The customer's cases, newest first, with those of merged files; `before`: the last id of the last page.

    Restricted ones and those disposed of stand in no list.
    """
    files = family(root(customer_id).id)
    query = select(Case).where(Case.customer_id.in_(files), Case.id != (but or 0), Case.restricted.is_(None))
    query = query.where(Case.disposed == "")
    if before:
        query = query.where(Case.id < before)
    return list(db.session.scalars(query.order_by(Case.id.desc()).limit(size)))


class Other(NamedTuple):
    """Another case of a customer, as a line beside this one; received in epoch seconds."""

    no: str
    title: str
    state: str
    received_at: int


def others_of(case: Case) -> list[Other]:
    """The ten newest other cases of the customer, with those of merged files, for a line each; no restricted ones."""
    files = ",".join(map(str, family(root(case.customer_id).id)))
    wanted = f"SELECT no, title, state, received_at FROM cases WHERE customer_id IN ({files}) AND id <> :id"
    wanted += " AND restricted IS NULL AND disposed = ''"
    return [Other(*row) for row in read(f"{wanted} ORDER BY id DESC LIMIT 10", {"id": case.id})]


def open_of_customers(customer_ids: Iterable[int]) -> int:
    """How many open cases these customer files have, whoever may see them: one figure for every page."""
    ids = ",".join(str(int(one)) for one in customer_ids)
    found = read(f"SELECT COUNT(*) FROM cases WHERE {holds('open')} AND customer_id IN ({ids})", {}) if ids else [(0,)]
    return int(found[0][0])
