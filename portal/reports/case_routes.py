"""URLs of the cases behind a figure: the list, and the same rows as files, written down as a printing is (RE4)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from sqlalchemy import Select

from portal.cases import looks
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, scope
from portal.identity.session import current_actor
from portal.kernel import clock, csvs, sheets
from portal.kernel.errors import Missing
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, local, term
from portal.reports import own_queries, periods, quarterly, queries, subjects
from portal.reports.door import bp
from portal.reports.metrics import lines, weekly
from portal.reports.metrics.definitions import KPIS
from portal.reports.rules import Span, quarter_code

NAMES = ("level", "channel", "type", "unit", "code", "person", "live", "category")


class Asked(NamedTuple):
    """A figure, its period, what was wanted of it, which part, and the rows behind it."""

    span: Span
    figure: str
    want: dict[str, str]
    side: str
    query: Select[Any]
    until: str = ""  # the last period of a stretch of several

    @property
    def link(self) -> dict[str, str]:
        """What leads here again; the part apart."""
        found = {"figure": self.figure, "period": self.span.code} | self.want
        return found | ({"until": self.until} if self.until else {})

    @property
    def said(self) -> dict[str, str]:
        """What its heading names beside the figure: not the code that the figure is."""
        own = KPIS[self.figure].only if self.figure in KPIS else ""
        return {name: value for name, value in self.want.items() if name != "code" or value != own}

    @property
    def title(self) -> str:
        """The period's name, or the first and the last day of several."""
        return lines.up_to(self.span) if self.until else lines.title_of(self.span)

    @property
    def limits(self) -> bool:
        """Whether its rows are limits, each with a due and an actual instant."""
        return queries.has_limits(self.figure)

    @property
    def called(self) -> str:
        """Its period as the access log and the file are named: of several, the first and the last."""
        return f"{self.span.code}-{self.until}" if self.until else self.span.code

    @property
    def lengths(self) -> bool:
        """Whether its rows carry a length."""
        return self.figure in queries.LENGTHS


def _asked() -> Asked:
    actor, now, args = current_actor(), clock.now(), request.args
    person = "" if args.get("figure") in queries.SPENT else args.get("person", "")
    if not person:
        allow(actor, "report.view")
    here = local(now)
    zone: ZoneInfo = here.tzinfo  # type: ignore[assignment]
    code, until = args.get("period") or args.get("quarter") or quarter_code(here), args.get("until", "")
    found = periods.stretch(code, until, now, zone) if until else periods.period(code, now, zone)
    if person:
        if until and queries.number_of(person) != actor.id:  # released is one period, not what follows it
            raise Missing("not_found")
        _may_see(actor, now, queries.number_of(person), found)
    want = {name: args[name] for name in NAMES if args.get(name)}
    side, figure = args.get("part", "all"), args.get("figure", "")
    pieces = weekly.pieces(found) if until else ()
    return Asked(found, figure, want, side, queries.behind(found, figure, want, side, pieces), until)


def _may_see(actor: Actor, now: datetime, person: int, span: Span) -> None:
    """One's own cases are one's own to see; others' are for who leads them, once these people have seen them first."""
    if person == actor.id:
        allow(actor, "figure.own")
        return
    allow(actor, "figure.people")
    led = {one.id for one in own_queries.members(scope(actor, "figure.people"))}
    if person not in led or person not in own_queries.released([person], span, now):
        raise Missing("not_found")


@bp.get("/cases")
def cases() -> str:
    """The cases behind a figure, fifty at a time."""
    asked = _asked()
    number = queries.page_number(request.args.get("page", "1"))
    total, units = queries.count(asked.query), queries.unit_names()
    found = queries.page(asked.query, number, limits=asked.limits, lengths=asked.lengths)
    return render_template(
        "reports/cases.html", limits=asked.limits, lengths=asked.lengths, lines=found,
        persons=people.names() if asked.want.get("person") or asked.lengths else {}, total=total, page=number,
        side=asked.side, figure=asked.figure, want=asked.said, link=asked.link, pages=-(-total // queries.PAGE),
        title=asked.title, units={key: quarterly.unit_name(units, key) for key in units},
        shares=queries.has_parts(asked.figure), subjects=subjects.of(current_actor(), found),
        quarterly=periods.kind_of(asked.span.code) == "quarter", spent=asked.figure in queries.SPENT,
    )  # fmt: skip


def _heads(asked: Asked) -> list[str]:
    found = [_("Number"), _("Subject"), _("Level"), _("Channel"), _("Type"), _("Department"), _("State")]
    found += [_("Due"), _("Actual"), _("Result")] if asked.limits else [_("Counted at"), _("Part")]
    return found + ([_("Length in seconds")] if asked.lengths else [])


def _rows(asked: Asked) -> Iterator[list[sheets.Cell]]:
    """Every row behind the figure in words, page by page."""
    actor, units, number = current_actor(), queries.unit_names(), 1
    while some := queries.page(asked.query, number, limits=asked.limits, lengths=asked.lengths):
        seen = subjects.of(actor, some)
        for line in some:
            yield _row(asked, line, quarterly.unit_name(units, line.unit), seen.get(line.no, ""))
        number += 1


def _row(asked: Asked, line: queries.Line, unit: str, subject: str) -> list[sheets.Cell]:
    side = "hit" if line.hit else "miss"
    part = term(f"part.{asked.figure}.{side}") if queries.has_parts(asked.figure) else ""
    found: list[sheets.Cell] = [
        line.no, subject, line.level, term(f"channel.{line.channel}"), term(f"type.{line.type}"), unit,
        term(f"state.{line.state}"), instant(line.at),
    ]  # fmt: skip
    found += [instant(line.ended) if line.ended else _("still open"), part] if asked.limits else [part]
    return found + ([line.hit] if asked.lengths else [])


@bp.get("/cases.csv")
def cases_csv() -> Response:
    """All cases behind a figure as a CSV file."""
    allow(current_actor(), "report.view")
    asked = _asked()
    looks.note_print(current_actor(), clock.now(), what=f"figure {asked.figure} {asked.called}")
    return csvs.sent([_heads(asked), *_rows(asked)], f"{asked.figure}-{asked.called}")


@bp.get("/cases.xlsx")
def cases_xlsx() -> Response:
    """All cases behind a figure as a spreadsheet."""
    allow(current_actor(), "report.view")
    asked = _asked()
    looks.note_print(current_actor(), clock.now(), what=f"figure {asked.figure} {asked.called}")
    columns = [sheets.Column(head, 30 if n == 1 else 16) for n, head in enumerate(_heads(asked))]
    made = sheets.table(term(f"figure.{asked.figure}"), columns, _rows(asked), foot=_("%d cases"))
    return sheets.sent(made, f"{asked.figure}-{asked.called}")
