"""What time brings to incidents: calls pass to the next in line; review and measures are called to mind (EM2, EM8)."""

from datetime import datetime
from typing import Any

from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.incidents.calling_actions import pass_on
from portal.incidents.models import Incident
from portal.kernel.db import db, read, transaction, write
from portal.kernel.instants import epoch
from portal.notices.tell import tell

MOST = 100
# the conditions are those of ix_incident_review and ix_incident_measure_told, to the letter
REVIEWS = (
    "SELECT id, no, title, exercise, review_told_next, review_due_at, COALESCE(review_owner_id, commander_id)"
    " FROM incident WHERE review_told_next IS NOT NULL AND review_told_next <= :now"
    " ORDER BY review_told_next LIMIT :most"
)
MEASURES = (
    "SELECT m.id, i.id, i.no, m.text, i.exercise, m.told_next, m.state, m.owner_id, m.due_at, m.retest_at"
    " FROM incident_measure m JOIN incident i ON i.id = m.incident_id"
    " WHERE m.told_next IS NOT NULL AND m.told_next <= :now ORDER BY m.told_next LIMIT :most"
)
REPORTS = (
    "SELECT id, no, title, exercise, report_told_next, commander_id,"
    " (SELECT r.person_id FROM incident_role r"
    "  WHERE r.incident_id = i.id AND r.role = 'service' AND r.until_at IS NULL)"
    " FROM incident i WHERE report_told_next IS NOT NULL AND report_told_next <= :now"
    " ORDER BY report_told_next LIMIT :most"
)
REPORT_TOLD = "UPDATE incident SET report_told_next = NULL WHERE id = :id AND report_told_next = :was"
CALLS = (
    "SELECT incident_id, n FROM incident_call WHERE next_at IS NOT NULL AND next_at <= :now"
    " ORDER BY next_at, id LIMIT :most"
)
# whose mail was refused for good, while nothing else of the news is known to have arrived
UNREACHED = (
    "SELECT c.incident_id, c.n FROM incident_call c JOIN outbox o ON o.person_id = c.person_id AND o.channel = 'mail'"
    " WHERE c.next_at IS NOT NULL AND c.next_at > :now AND o.state = 'parked' AND o.kind = 'incident_role'"
    " AND o.at >= c.called_at AND o.subject = CAST(:family AS TEXT) || c.incident_id"
    " AND NOT EXISTS (SELECT 1 FROM outbox r WHERE r.person_id = c.person_id AND r.subject = o.subject"
    " AND r.kind = o.kind AND r.at >= c.called_at"
    " AND (r.read_at IS NOT NULL OR (r.channel <> 'app' AND r.state = 'sent'))) ORDER BY c.id LIMIT :most"
)
REVIEW_TOLD = "UPDATE incident SET review_told_next = :next WHERE id = :id AND review_told_next = :was"
MEASURE_TOLD = "UPDATE incident_measure SET told_next = :next WHERE id = :id AND told_next = :was"


def pass_calls(now: datetime) -> int:
    """Calls the next in line where nobody answered in time, late if the worker was away; returns how many calls.

    Who could not be told at all is passed over at once.
    """
    late = list(read(CALLS, {"now": epoch(now), "most": MOST}))
    lost = list(read(UNREACHED, {"now": epoch(now), "family": "incident:", "most": MOST}))
    passed = 0
    for rows, unreached in ((late, False), (lost, True)):
        for incident_id, n in rows:
            with transaction():
                incident = db.session.get_one(Incident, incident_id, with_for_update=True, populate_existing=True)
                passed += pass_on(SYSTEM, now, incident, n, unreached=unreached)
    return passed


def remind_of_reports(now: datetime) -> int:
    """Calls a situation report to mind once its stored instant has come, however late; returns how many were told."""
    rows = list(read(REPORTS, {"now": epoch(now), "most": MOST}))
    if not rows:
        return 0
    told = 0
    with transaction():
        for incident_id, no, title, exercise, due, commander, service in rows:
            write(REPORT_TOLD, {"id": incident_id, "was": due})
            facts = {"no": no, "title": title, "due": due, "exercise": bool(exercise)}
            late = epoch(now) > due
            told += _tell(
                [commander, service], "incident_report_due", incident_id, f"{incident_id}:{due}", late, now, **facts
            )
    return told


def remind_of_incidents(now: datetime) -> int:
    """Tells of what is near a day before and once more when it is overdue; returns how many were told.

    Two indexed queries; nothing is written where nothing is near. A worker that was away tells late, once.
    """
    asked = {"now": epoch(now), "most": MOST}
    reviews, measures = list(read(REVIEWS, asked)), list(read(MEASURES, asked))
    if not reviews and not measures:
        return 0
    with transaction():
        return sum(_review(row, now) for row in reviews) + sum(_measure(row, now) for row in measures)


def _told(sql: str, row_id: int, was: int, due: int, now: datetime) -> bool:
    """Sets when it is told next: when it will be overdue, or never again. Returns whether it is overdue now."""
    late = epoch(now) > due
    write(sql, {"next": None if late else due + 1, "id": row_id, "was": was})
    return late


def _review(row: Any, now: datetime) -> int:
    incident_id, no, title, exercise, was, due, owner = row
    late = _told(REVIEW_TOLD, incident_id, was, due, now)
    who = [owner] + (people.holders("commander") if late else [])
    return _tell(
        who,
        "incident_review_due",
        incident_id,
        f"{incident_id}:{due}",
        late,
        now,
        no=no,
        title=title,
        due=due,
        exercise=bool(exercise),
    )


def _measure(row: Any, now: datetime) -> int:
    row_id, incident_id, no, words, exercise, was, state, owner, due, retest = row
    testing = state == "verified"
    due = retest if testing else due
    late = _told(MEASURE_TOLD, row_id, was, due, now)
    who = [owner] + (people.holders("quality") if late or testing else [])
    kind = "incident_retest_due" if testing else "incident_measure_due"
    return _tell(
        who, kind, incident_id, f"{row_id}:{due}", late, now, no=no, title=words, due=due, exercise=bool(exercise)
    )


def _tell(who: list[int], kind: str, incident_id: int, key: str, late: bool, now: datetime, **facts: Any) -> int:
    told = [person for person in who if person]
    due = facts["due"]
    return tell(
        told, kind, subject=f"incident:{incident_id}", key=f"{kind}:{key}:{int(late)}", facts=facts, now=now,
        late_seconds=max(0, epoch(now) - due - 1) if late else 0,
    )  # fmt: skip
