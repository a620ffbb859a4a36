"""The same figures by the person who is accountable for a case, and the median of a team."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import case, func, literal, select

from portal.kernel.db import db
from portal.reports.metrics.counting import NOTHING, Stats, stats_of
from portal.reports.metrics.definitions import KPIS, Kpi
from portal.reports.metrics.further import RELATIONS
from portal.reports.rules import Figure, Span, share

OWN = (
    "closed", "attainment.first_response", "attainment.result", "attainment_original.result", "staff_solved",
    "satisfaction", "reopen", "repeat", "late_entry", "chase", "returned",
)  # fmt: skip
LEAST = 3  # [H] a team's median is told only of so many people, so that no colleague can be read off it


class Part(NamedTuple):
    """Rows and hits of one person in a period, or in the one before."""

    n: int = 0
    hits: int = 0


def of_people(span: Span, people: Iterable[int], codes: Iterable[str] = OWN) -> dict[int, dict[str, Figure]]:
    """Each person's figures by code; a person of whom nothing was counted has figures without a value."""
    wanted = sorted(set(people))
    found: dict[int, dict[str, Figure]] = {person: {} for person in wanted}
    for code in codes:
        kpi = KPIS[code]
        read = _lengths if kpi.mode == "length" else _parts
        rows = read(kpi, span, wanted)
        for person in wanted:
            found[person][code] = _figure(kpi, span, person, rows)
    return found


def _rows(kpi: Kpi, span: Span, people: list[int]) -> Any:
    found = RELATIONS[kpi.relation](span).subquery()
    query = select(found).where(found.c.person.in_(people))
    return (query.where(found.c.code == kpi.only) if kpi.only else query).subquery().c


def _parts(kpi: Kpi, span: Span, people: list[int]) -> dict[tuple[int, bool], Part]:
    c = _rows(kpi, span, people)
    now = case((c.at >= span.start, literal(1)), else_=literal(0))
    rows = db.session.execute(select(c.person, now, func.count(), func.sum(c.hit)).group_by(c.person, now))
    return {(row[0], bool(row[1])): Part(row[2], int(row[3] or 0)) for row in rows}


def _lengths(kpi: Kpi, span: Span, people: list[int]) -> dict[tuple[int, bool], Stats]:
    c = _rows(kpi, span, people)
    found: dict[tuple[int, bool], list[int]] = {}
    for person, at, seconds in db.session.execute(select(c.person, c.at, c.hit)):
        found.setdefault((person, at >= span.start), []).append(int(seconds))
    return {key: stats_of(lengths) for key, lengths in found.items()}


def _figure(kpi: Kpi, span: Span, person: int, rows: Mapping[tuple[int, bool], Any]) -> Figure:
    link = {"figure": kpi.code.partition(".")[0], "period": span.code, "person": str(person)}
    link |= {"code": kpi.only} if kpi.only else {}
    if kpi.mode == "length":
        now, old = rows.get((person, True), NOTHING), rows.get((person, False), NOTHING)
        return Figure(kpi.code, now.median, "s", now.n, now.n, old.median, None, False, link, now.mean, now.p90)
    new, past = rows.get((person, True), Part()), rows.get((person, False), Part())
    if kpi.mode == "count":
        return Figure(kpi.code, new.n, "cases", new.n, new.n, float(past.n), filter=link)
    part, older = (one.hits if kpi.mode == "hit" else one.n - one.hits for one in (new, past))
    return Figure(
        kpi.code, share(part, new.n), "%", part, new.n, share(older, past.n), kpi.target, kpi.more_is_better, link
    )


def team_median(found: Mapping[int, Mapping[str, Figure]], code: str) -> float | None:
    """The middle of a team's figures; None where fewer than LEAST people have one."""
    values = [value for figures in found.values() if (value := figures[code].value) is not None]
    return round(median(values), 1) if len(values) >= LEAST else None
