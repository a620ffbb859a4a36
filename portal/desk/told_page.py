"""Who was told of a case's clocks: which step, when, how late, and what became of it (SL8)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import render_template
from sqlalchemy import select

from portal.cases import queries
from portal.clocks import book, ladder_view
from portal.clocks.kept import clocks_of
from portal.clocks.models import Clock
from portal.desk import case_view
from portal.desk.case_page import cases_bp
from portal.identity.session import current_actor
from portal.kernel.db import db
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import hm, instant, listed, term
from portal.kernel.web import is_htmx
from portal.notices.models import Told

LATE = 60  # seconds from which it is said that somebody was told late


class Step(NamedTuple):
    """One step of one clock: when it was told, to whom, and what came of it."""

    at: datetime
    late: int
    clock: str
    number: int
    when: str
    early: bool
    digest: bool
    people: list[tuple[str, str]]
    answer: str
    passed_on: bool


@cases_bp.get("/<no>/told")
def told_list(no: str) -> Any:
    """The steps told so far, in their order; read only when somebody opens the list."""
    case = queries.case_by_no(current_actor(), no)
    found = steps(clocks_of(case.id), rows_of(case.id), case_view.names())
    return render_template("desk/_told.html" if is_htmx() else "desk/told.html", steps=found, case=case)


def rows_of(case_id: int) -> list[Told]:
    """Everybody who was told of a step of this case."""
    return list(db.session.scalars(select(Told).where(Told.case_id == case_id).order_by(Told.id)))


def steps(clocks: Iterable[Clock], rows: Iterable[Told], names: Mapping[int, str]) -> list[Step]:
    """The rows drawn together by clock and step."""
    by_id = {clock.id: clock for clock in clocks}
    by_step = sorted((row for row in rows if row.clock_id in by_id), key=lambda row: (row.clock_id, row.step))
    grouped = {key: list(some) for key, some in groupby(by_step, key=lambda row: (row.clock_id, row.step))}
    early = {key[0]: {k[1] for k, some in grouped.items() if k[0] == key[0] and _early(some)} for key in grouped}
    made = [_step(by_id[key[0]], some, early[key[0]], names) for key, some in grouped.items()]
    return sorted(made, key=lambda one: one.at)


def _early(rows: list[Told]) -> bool:
    return rows[0].kind == "unanswered"


def _step(clock: Clock, rows: list[Told], early: set[int], names: Mapping[int, str]) -> Step:
    first, number = rows[0], rows[0].step
    ladder = book.policy(clock.policy_version).ladder
    again = f" · {clock.cycle}.{clock.round}" if clock.cycle + clock.round > 2 else ""
    answered = [row for row in rows if row.acknowledged_at]
    passed_on = not answered and number + 1 in early
    return Step(
        at=first.at,
        late=first.late_seconds if first.late_seconds >= LATE else 0,
        clock=term(f"clock.{clock.kind}") + again,
        number=number,
        when=ladder_view.when(ladder.steps[number - 1], clock.level) if number <= len(ladder.steps) else "",
        early=_early(rows),
        digest=not first.notice.startswith("clock:"),
        people=[(names.get(row.person_id, "–"), ladder_view.role(row.role) if row.role else "") for row in rows],
        answer=_answer(clock, number, answered, names, passed_on=passed_on),
        passed_on=passed_on,
    )


def _answer(clock: Clock, number: int, answered: list[Told], names: Mapping[int, str], *, passed_on: bool) -> str:
    """Who acknowledged it; else that it was passed on, or until when an answer is awaited."""
    said = [f"{names.get(row.person_id, '–')} {instant(row.acknowledged_at)}" for row in answered]
    if said:
        return _("Acknowledged: %(who)s", who=listed(said))
    if passed_on:
        return _("Not acknowledged in time, passed on")
    if clock.told_step == number and clock.answer_by and clock.outcome == "running":
        return _("Awaited until %(at)s", at=hm(clock.answer_by))
    return "–"
