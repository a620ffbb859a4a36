"""`portal clock explain`: every clock of a case in the words of the case page, with whose time each stretch was."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import click

from portal.cases.models import Case
from portal.cases.queries import case_by_no
from portal.clocks import book
from portal.clocks.explanation import explain, shares
from portal.clocks.kept import clocks_of, decision_of, segments_of, stretches_for
from portal.clocks.models import Clock
from portal.desk.caches import departments
from portal.desk.case_view import units
from portal.desk.case_why import why
from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.errors import Refused
from portal.kernel.i18n import clockspan, instant, locale, sentence, speaking, term
from portal.kernel.instants import epoch, epoch_or_none

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}


class Stretch(NamedTuple):
    """A part of a clock's life: when, of what kind, held by whom, what of it counted (seconds)."""

    since: int
    until: int
    kind: str
    reason: str
    department: str
    counted: int
    not_counted: int


@click.command("explain")
@click.argument("number", metavar="CASE")
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="The facts as JSON.")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), help="Default: the language of the terminal.")
def explain_command(number: str, kind: str | None, as_json: bool, lang: str | None) -> None:
    """Why each deadline of a case is what it is, e.g. CS2611-0473; KIND (e.g. result) tells of one kind only."""
    with speaking(LANGUAGES[lang] if lang else locale()):
        try:
            case = case_by_no(SYSTEM, number)
        except Refused as refusal:
            raise click.ClickException(sentence(refusal)) from refusal
        known = clocks_of(case.id)
        rows = [row for row in known if kind in (None, row.kind)]
        if not rows:
            kinds = ", ".join(sorted({row.kind for row in known}))
            raise click.ClickException(term("clock.no_such_kind") % {"no": case.no, "kind": kind, "kinds": kinds})
        now = clock.now()
        if as_json:
            facts = {"case": case.no, "clocks": [facts_of(case, row, now) for row in rows]}
            click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
            return
        click.echo(f"{case.no}  {case.title}")
        for row in rows:
            click.echo("\n" + "\n".join(told(case, row, now)))


def facts_of(case: Case, row: Clock, now: datetime) -> dict[str, Any]:
    """A clock with every fact behind its due instant; instants are epoch seconds."""
    calendar = book.calendar(row.calendar, row.calendar_version)
    stopped = epoch_or_none(row.stopped_at)
    lines = explain(
        decision_of(row), calendar, now=epoch(now), stopped=stopped, paused=epoch_or_none(row.paused_at),
        segments=stretches_for(row, segments_of(case.id)),
    )  # fmt: skip
    return {
        "kind": row.kind, "cycle": row.cycle, "round": row.round, "level": row.level, "judged": row.judged,
        "start": epoch(row.started_at), "due": epoch(row.due_at), "agreed": epoch_or_none(row.agreed_at),
        "stopped": stopped, "outcome": row.outcome, "met_original": row.met_original,
        "breached": epoch_or_none(row.breached_at), "why": lines,
        "segments": [s._asdict() for s in life(case, row, now)],
    }  # fmt: skip


def life(case: Case, row: Clock, now: datetime) -> Iterator[Stretch]:
    """The stretches of the case while this clock ran, each with the department that held the case."""
    segments = segments_of(case.id)
    calendar = book.calendar(row.calendar, row.calendar_version)
    names = units() | {unit.id: unit.called(locale()) for unit in departments()}
    start, end = epoch(row.started_at), epoch(row.stopped_at or now)
    stretches = stretches_for(row, segments)
    for place, counted, lost in shares(decision_of(row).winner, calendar, start, end, epoch(row.due_at), stretches):
        since, until, kind, reason = stretches[place]
        begin, stop = start if place == 0 else max(since, start), end if until is None else min(until, end)
        own = segments[place]
        reason = reason if kind == "paused" else own.kind
        yield Stretch(begin, stop, kind, reason, names.get(own.department_id, ""), counted, lost)


def told(case: Case, row: Clock, now: datetime) -> list[str]:
    """A clock in sentences: the rows of the case page, then whose time it was."""
    said = why(case, row, now)
    lines = [f"{said['title']}  ({row.cycle}.{row.round})"]
    lines += ["  " + "  ".join(part for part in (f"{f.name}:", f.text, f.figure) if part) for f in said["rows"]]
    for part in life(case, row, now):
        facts = {"from": instant(part.since), "to": instant(part.until), "unit": part.department,
                 "counted": clockspan(part.counted), "lost": clockspan(part.not_counted)}  # fmt: skip
        kind = term("segment.paused" if part.kind == "paused" else "segment.running")
        lines.append(f"  {kind}:  {term('segment.line') % facts}")
    return lines
