"""What the board and the review page show of reviews and measures."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.incidents import closing_board
from portal.incidents.models import Incident, IncidentMeasure
from portal.incidents.queries import history
from portal.incidents.story import StoryLine, story
from portal.kernel.db import db
from portal.kernel.i18n import term

EARLIER = 10  # open measures of earlier incidents that a board shows


class MeasureLine(NamedTuple):
    """A measure: of which incident, who owns it, where it stands; `late` when what is next should have been done."""

    no: str
    n: int
    text: str
    owner: str
    state: str
    word: str
    next_at: datetime | None
    late: bool
    proof: str


class Review(NamedTuple):
    """The review as it is read: its texts and the entries picked, oldest first."""

    texts: Mapping[str, str]
    entries: list[StoryLine]
    measures: list[MeasureLine]
    closing: closing_board.Closing


def line(row: IncidentMeasure, no: str, now: datetime) -> MeasureLine:
    """One measure as it is shown."""
    following = {"open": row.due_at, "done": None, "verified": row.retest_at}.get(row.state)
    proof = " · ".join(x for x in (row.evidence, row.verifier, row.words) if x)
    late = following is not None and following < now
    return MeasureLine(no, row.n, row.text, row.owner, row.state, term(f"measure.{row.state}"), following, late, proof)


def earlier(incident: Incident, now: datetime) -> list[MeasureLine]:
    """Open measures of earlier incidents of the same class, those due first; an exercise shows real ones as well."""
    query = (
        select(IncidentMeasure, Incident.no).join(Incident, Incident.id == IncidentMeasure.incident_id)
        .where(IncidentMeasure.kind == incident.kind, IncidentMeasure.state != "held")
        .where(IncidentMeasure.incident_id != incident.id)
    )  # fmt: skip
    rows = db.session.execute(query.order_by(IncidentMeasure.due_at, IncidentMeasure.id).limit(EARLIER))
    return [line(row[0], row[1], now) for row in rows]


def of_kind(kind: str, now: datetime) -> list[MeasureLine]:
    """Measures of real incidents of a class that are not yet held, those due first: what its plan is to learn."""
    query = (
        select(IncidentMeasure, Incident.no).join(Incident, Incident.id == IncidentMeasure.incident_id)
        .where(IncidentMeasure.kind == kind, IncidentMeasure.state != "held", IncidentMeasure.exercise.is_(False))
    )  # fmt: skip
    rows = db.session.execute(query.order_by(IncidentMeasure.due_at, IncidentMeasure.id))
    return [line(row[0], row[1], now) for row in rows]


def own(incident: Incident, now: datetime) -> list[MeasureLine]:
    """The measures of this incident."""
    return [line(row, incident.no, now) for row in incident.measures]


def read(incident: Incident, names: Mapping[int, str], now: datetime) -> Review:
    """The review of an incident, with its milestones and figures."""
    kept = incident.review or {}
    picked = set(kept.get("entries", ()))
    told = [one for one in story(incident, history(incident), dict(names)) if one.n in picked]
    return Review(kept, told[::-1], own(incident, now), closing_board.of(incident, names))
