"""Reports by calendar: opened when their date has come, called to mind before they are due, chased once late."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.kernel.db import db, read, transaction
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices.tell import tell
from portal.reports import paper_actions, paper_calendar, paper_queries
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import Kind, before, drafted_at, newest_due, span_of

MOST_BACK = 31  # periods of a kind that are made up for after the worker was away
NEWEST = "SELECT kind, max(period) FROM paper WHERE edition = 1 GROUP BY kind"
# the condition is that of the index ix_paper_notice, to the letter
NEAR = "SELECT id FROM paper WHERE notice_at IS NOT NULL AND notice_at <= :now ORDER BY notice_at, id LIMIT 200"
LONGEST_CHASE = timedelta(days=92)


def open_due(now: datetime) -> int:
    """Opens every report whose date has come and that is not there; returns how many. Writes nothing where none is.

    After a worker was away the periods since the newest report are made up for. A portal that is new owes none of
    the time before its first case.
    """
    known = {row[0]: row[1] for row in read(NEWEST, {})}
    opened = 0
    for kind in paper_calendar.kinds().values():
        if not kind.on:
            continue
        for period in _lacking(kind, known.get(kind.code), now):
            opened += _open(kind, period, now)
    return opened


def _lacking(kind: Kind, newest: str | None, now: datetime) -> list[str]:
    """Periods without a report, the oldest first."""
    period = newest_due(kind, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
    if newest is None:
        span = span_of(kind, period, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
        return [period] if paper_queries.any_case_before(span.end) else []
    found: list[str] = []
    while period > newest and len(found) < MOST_BACK and _drafted_at(kind, period, now) >= kind.since:
        found.append(period)
        period = before(kind.every, period)
    return found[::-1]


def _drafted_at(kind: Kind, period: str, now: datetime) -> int:
    return drafted_at(kind, period, local(now).tzinfo)  # type: ignore[arg-type]


def _open(kind: Kind, period: str, now: datetime) -> int:
    span = span_of(kind, period, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
    units = paper_queries.units_with_cases(span) if kind.per in ("unit", "both") else []
    wanted = [0] * (kind.per in ("house", "both")) + units
    if not wanted:
        return 0
    with transaction():
        for unit in wanted:
            paper_actions.open_paper(SYSTEM, now, kind, period, unit)
    return len(wanted)


def chase(now: datetime) -> int:
    """Tells of what is due soon, what is late, and what a department has not answered; returns how many people."""
    if not read(NEAR, {"now": epoch(now)}):
        return 0
    told = 0
    with transaction():
        ids = [row[0] for row in read(NEAR, {"now": epoch(now)})]
        for one in db.session.scalars(select(Paper).where(Paper.id.in_(ids)).order_by(Paper.id).with_for_update()):
            told += _answer_lacks(one, now) if one.state == "published" else _unpublished(one, now)
    return told


def _unpublished(one: Paper, now: datetime) -> int:
    """Near its last day those are told who have it in hand; once it is late their superiors too, every working day."""
    late = now > one.due_at
    in_hand = paper_queries.reviewers(one) if one.state == "review" else paper_queries.writers(one)
    above = people.holders("quality") + people.holders("management") if late else []
    due = epoch(one.due_at) + 1
    one.notice_at = paper_queries.next_day(epoch(now), now) if late else due
    if now - one.due_at > LONGEST_CHASE:
        one.notice_at = None
    return _tell([*in_hand, *above], "paper_late" if late else "paper_near", one, now)


def _answer_lacks(one: Paper, now: datetime) -> int:
    """An inspection without an answer, or a measure whose day has passed without being shown to work."""
    heads = people.holders("head", {one.unit_id}) or paper_queries.writers(one)
    one.notice_at = paper_queries.next_day(epoch(now), now)
    since = one.answer_due or one.published_at
    if since and now - since > LONGEST_CHASE:
        one.notice_at = None
    what = "paper_measure_due" if one.answer else "paper_answer_due"
    return _tell([*heads, *(paper_queries.writers(one) if one.answer else [])], what, one, now)


def _tell(who: list[int], what: str, one: Paper, now: datetime) -> int:
    key = f"{what}:{one.id}:{local(now):%Y%m%d}"
    return tell(who, what, subject=one.stream, key=key, facts=paper_queries.facts_of(one), now=now)
