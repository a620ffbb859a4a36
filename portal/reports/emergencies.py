"""Section 7 of the quarterly report: incidents of the quarter and the measures that came of them (EM8, QA4)."""

from typing import Any

from sqlalchemy import select

from portal.incidents import plans
from portal.incidents.models import Incident, IncidentMeasure
from portal.kernel.db import db
from portal.kernel.i18n import day, locale, term
from portal.kernel.instants import moment
from portal.reports.rules import Span

Rows = list[tuple[str, list[Any]]]


def incidents(found: Span) -> tuple[str, list[str], Rows]:
    """Declared incidents of the quarter by class, without exercises: caption, columns, rows."""
    query = select(Incident).where(
        Incident.exercise.is_(False),
        Incident.declared_at >= moment(found.start),
        Incident.declared_at < moment(found.until),
    )
    by_class: dict[str, list[Incident]] = {}
    for one in db.session.scalars(query.order_by(Incident.id)):
        by_class.setdefault(one.kind, []).append(one)
    rows: Rows = [
        (row.word(locale()), _cells(by_class[code])) for code, row in plans.latest().classes.items() if code in by_class
    ]
    columns = [term(f"report.col.{head}") for head in ("class", "incidents", "ended", "affected", "measures")]
    return term("report.table.incidents"), columns, rows


def _cells(some: list[Incident]) -> list[Any]:
    ended = sum(one.ended_at is not None for one in some)
    return [len(some), ended, sum(one.affected or 0 for one in some), sum(len(one.measures) for one in some)]


def measures(found: Span) -> tuple[str, list[str], Rows]:
    """Measures of real incidents that were open in the quarter, or shown to hold in it: caption, columns, rows."""
    query = (
        select(IncidentMeasure, Incident.no).join(Incident, Incident.id == IncidentMeasure.incident_id)
        .where(IncidentMeasure.exercise.is_(False), Incident.declared_at < moment(found.until))
        .where(IncidentMeasure.tested_at.is_(None) | (IncidentMeasure.tested_at >= moment(found.start)))
    )  # fmt: skip
    rows: Rows = [
        (f"{no}-{m.n}", [m.text, m.owner, term(f"measure.{m.state}"), day(m.retest_at if m.done_at else m.due_at)])
        for m, no in db.session.execute(query.order_by(IncidentMeasure.due_at, IncidentMeasure.id))
    ]
    columns = [term(f"report.col.{head}") for head in ("number", "measure", "owner", "state", "due_day")]
    return term("report.table.measures"), columns, rows


TABLES = {"incidents": incidents, "measures": measures}
