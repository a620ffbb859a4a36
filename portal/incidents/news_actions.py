"""One announcement reaches every linked case once: work rows at publishing, entries in the cases by the worker.

The rows are written in the transaction that publishes, and each is done in the transaction that writes the case's
entry. Killed anywhere, the worker goes on with the rows that still wait; the unique key lets no case hear twice.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from sqlalchemy import func, select

from portal.cases.incident_events import IncidentNews
from portal.cases.models import Case
from portal.cases.record import record_many
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import news_events as e
from portal.incidents import news_rules, rules
from portal.incidents.models import Incident
from portal.incidents.news_models import IncidentReach
from portal.incidents.record import record
from portal.kernel import feed
from portal.kernel.db import db, write
from portal.kernel.errors import Invalid, Refused
from portal.notices.tell import tell

TRIES = 5
COLUMNS = "incident_id, n, what, case_id, unit_id, state, why, tries, asked_at"
PUBLISHED = (
    f"INSERT INTO incident_reach({COLUMNS}) SELECT :incident, :n, 'published', id, unit_id, 'waiting', '', 0, :at"
    " FROM cases WHERE incident_id = :incident AND open ORDER BY id ON CONFLICT DO NOTHING"
)
WITHDRAWN = (
    f"INSERT INTO incident_reach({COLUMNS}) SELECT incident_id, n, 'withdrawn', case_id, unit_id, 'waiting', '', 0, :at"
    " FROM incident_reach WHERE incident_id = :incident AND n = :n AND what = 'published'"
    " AND state IN ('waiting', 'done') ORDER BY id ON CONFLICT DO NOTHING"
)


def spread(actor: Actor, now: datetime, incident: Incident, n: int) -> None:
    """Puts every linked open case on the work list of announcement `n`; those that stand there already stay once."""
    allow(actor, "incident.link", incident)
    db.session.flush()
    write(PUBLISHED, {"incident": incident.id, "n": n, "at": int(now.timestamp())})


def withdraw(actor: Actor, now: datetime, incident: Incident, *, n: int, reason: str) -> None:
    """Takes a text back, with the reason: a draft is dropped; of a published one every case hears that it is void.

    After the end nothing can be published or said any more; a draft that was left behind can still be dropped.
    """
    allow(actor, "incident.act", incident)
    found = news_rules.one(incident, n)
    if found["published"] or incident.state != "ended":
        rules.running(incident)
    if found["published"]:
        allow(actor, "incident.command", incident)
    record(incident, e.AnnouncementWithdrawn(n, found["text"], rules.require(reason, "reason")), by=actor, at=now)
    if found["published"]:
        write(WITHDRAWN, {"incident": incident.id, "n": n, "at": int(now.timestamp())})


def put_up(actor: Actor, now: datetime, incident: Incident, *, n: int, channel: str, where: str = "") -> None:
    """Somebody has put the published text up in one of its channels."""
    allow(actor, "incident.act", incident)
    rules.running(incident)
    found = news_rules.one(incident, n)
    if not found["published"] or channel not in news_rules.channels(found["channels"]):
        raise Invalid("not_on_scale", field="channel")
    if news_rules.posted_in(found, channel):
        raise Refused("posted_already", channel=channel)
    record(incident, e.ChannelPosted(n, channel, where.strip()), by=actor, at=now)


def pass_on(actor: Actor, now: datetime, ids: Collection[int]) -> int:
    """Writes the entries of these work rows into their cases and tells the departments; returns how many are settled.

    Rows that another worker holds, or has settled, are left alone.
    """
    allow(actor, "incident.link")
    waits = (IncidentReach.id.in_(ids)) & (IncidentReach.state == "waiting")
    query = select(IncidentReach).where(waits).order_by(IncidentReach.id).with_for_update(skip_locked=True)
    rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
    cases = _locked(row.case_id for row in rows)
    incidents = {i: db.session.get_one(Incident, i) for i in sorted({row.incident_id for row in rows})}
    reached = [row for row in rows if _settled(row, incidents[row.incident_id], cases[row.case_id], now)]
    told = [(cases[row.case_id], _entry(incidents[row.incident_id], row)) for row in reached]
    for part in _apart(told):
        record_many(part, by=actor, at=now)
    for incident_id, n, what in sorted({(row.incident_id, row.n, row.what) for row in rows}):
        units = {r.unit_id for r in rows if (r.incident_id, r.n, r.what) == (incident_id, n, what)}
        _tell_departments(incidents[incident_id], n, what, units, now)
        feed.touch(incidents[incident_id].stream, incident_id)
    return len(rows)


def give_up(actor: Actor, now: datetime, row_id: int, said: str) -> None:
    """Notes that a row could not be settled; after so many tries it waits no longer and stands on the board."""
    allow(actor, "incident.link")
    row = db.session.get_one(IncidentReach, row_id, with_for_update=True, populate_existing=True)
    row.tries += 1
    if row.tries >= TRIES:
        row.state, row.why, row.done_at = "failed", said[:40], now
        feed.touch(f"incident:{row.incident_id}", row.incident_id)


def _locked(ids: Iterable[int]) -> dict[int, Case]:
    query = select(Case).where(Case.id.in_(list(ids))).order_by(Case.id).with_for_update()
    return {case.id: case for case in db.session.scalars(query.execution_options(populate_existing=True))}


def _settled(row: IncidentReach, incident: Incident, case: Case, now: datetime) -> bool:
    """Whether the case gets the entry; the row says so, or why it does not."""
    row.unit_id, row.done_at, row.state = case.unit_id, now, "done"
    if not case.open or case.incident_id != incident.id:
        row.state, row.why = "left", "ended" if not case.open else "unlinked"
    return row.state == "done"


def _entry(incident: Incident, row: IncidentReach) -> IncidentNews:
    said = next(a for a in incident.announcements if a["n"] == row.n)
    return IncidentNews(
        incident.no, said["n"], row.what, said["text"], said["channels"], said["recovery"], said["next_news"],
        bool(said.get("restored")),
    )  # fmt: skip


Heard = list[tuple[Case, IncidentNews]]


def _apart(told: Heard) -> Iterator[Heard]:
    """Cases each once: one that hears twice in a batch hears in the order of the rows."""
    while told:
        seen: set[int] = set()
        first: Heard = []
        later: Heard = []
        for one in told:
            (later if one[0].id in seen else first).append(one)
            seen.add(one[0].id)
        yield first
        told = later


def _tell_departments(incident: Incident, n: int, what: str, units: Iterable[int], now: datetime) -> None:
    """Everybody of a department hears once, with the number of its cases; where nobody is, the supervisors do."""
    said = next(a for a in incident.announcements if a["n"] == n)
    here = (IncidentReach.incident_id == incident.id) & (IncidentReach.n == n) & (IncidentReach.what == what)
    counted = select(IncidentReach.unit_id, func.count()).where(here).group_by(IncidentReach.unit_id)
    counts = {row[0]: row[1] for row in db.session.execute(counted)}
    for unit in sorted(units):
        who = [person.id for person in people.members(unit)] or people.holders("supervisor")
        facts = {"no": incident.no, "title": incident.title, "exercise": incident.exercise, "text": said["text"]}
        kind = "incident_news" if what == "published" else "incident_news_withdrawn"
        key = f"{kind}:{incident.id}:{n}:{unit}"
        tell(who, kind, subject=incident.stream, key=key, facts=facts | {"cases": counts[unit]}, now=now)
