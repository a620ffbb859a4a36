"""`portal clock due`: where a limit ends on a calendar of this store, for one start or for a file of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from io import BufferedReader

import click

from portal.clocks import book
from portal.clocks.calendar import BeyondHorizon, Calendar, provisional
from portal.clocks.deadlines import parse_limit
from portal.clocks.timetable import instant_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import sentence, term

CHUNK = 65_536
NAMES = ("start", "limit", "calendar")
Answer = dict[str, str]


@click.command("due")
@click.option("--start", help="An instant, e.g. 2026-10-09T17:00; without an offset on the calendar's own clock.")
@click.option("--limit", help="90s, 15m, 2h (working time), 1wd (working days), 2w (weeks).")
@click.option("--calendar", default="cn-business", show_default=True, help="Code of a calendar of this store.")
@click.option("--batch", type=click.File("rb"), help='JSON lines {"start", "limit", "calendar"}; - is standard input.')
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def due_command(
    start: str | None, limit: str | None, calendar: str, batch: BufferedReader | None, as_json: bool
) -> None:
    """Says when a limit ends; --batch answers a line for each line, exit code 1 if one was bad."""
    calendars = book.in_force(clock.now()).calendars
    db.session.remove()  # a long batch holds no snapshot of the store
    if batch is not None:
        if start or limit:
            raise click.UsageError("--batch brings its own starts and limits")
        raise SystemExit(_answer_all(batch, calendars))
    if not start or not limit:
        raise click.UsageError("--start and --limit, or --batch")
    begun, due, used = due_of(calendars, start, limit, calendar)
    open_year = provisional(used, due, begun)
    if as_json:
        facts = {"start": shown(begun, used), "limit": limit, "calendar": calendar, "calendar_version": used.version,
                 "due": shown(due, used), "provisional": open_year}  # fmt: skip
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    click.echo(shown(due, used))
    if open_year:
        click.echo(term("why.provisional"), err=True)


def _answer_all(source: BufferedReader, calendars: Mapping[str, Calendar]) -> int:
    """Writes the answers; whoever asks a line and waits gets its answer at once. Returns the exit code."""
    bad, spelled = False, json.JSONEncoder(ensure_ascii=False)
    for lines in as_they_come(source):
        found = list(answers(lines, calendars))
        bad = bad or any("error" in answer for answer in found)
        if found:
            click.echo("\n".join(map(spelled.encode, found)))
    return int(bad)


def as_they_come(source: BufferedReader) -> Iterator[list[bytes]]:
    """The whole lines of each piece that has arrived, without waiting for more."""
    rest = b""
    while piece := source.read1(CHUNK):
        *lines, rest = (rest + piece).split(b"\n")
        yield lines
    if rest:
        yield [rest]


def answers(lines: Iterable[bytes], calendars: Mapping[str, Calendar]) -> Iterator[Answer]:
    """{"due"} or {"error"} for each line, in order, one at a time."""
    for line in lines:
        try:
            _start, due, used = due_of(calendars, *asked(line))
        except Refused as refusal:
            yield {"error": sentence(refusal)}
        else:
            yield {"due": shown(due, used)}


def asked(line: bytes) -> list[str]:
    """Start, limit and calendar of one line of JSON. Raises Invalid."""
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Invalid("due_line_unreadable") from error
    if not isinstance(found, dict):
        raise Invalid("due_line_unreadable")
    for name in NAMES:
        if not isinstance(found.get(name), str):
            raise Invalid("due_line_lacks", name=name)
    return [found[name] for name in NAMES]


def due_of(calendars: Mapping[str, Calendar], start: str, limit: str, code: str) -> tuple[int, int, Calendar]:
    """Start and due instant in epoch seconds, and the calendar used. Raises Invalid."""
    calendar = calendars.get(code)
    if calendar is None:
        raise Invalid("due_calendar_unknown", calendar=code, known=", ".join(sorted(calendars)))
    try:
        amount, unit = _limit(limit)
    except ValueError as error:
        raise Invalid("due_limit_bad", limit=limit[:40]) from error
    begun = begun_at(start, calendar)
    try:
        return begun, calendar.due(begun, amount, unit), calendar
    except (BeyondHorizon, OverflowError) as error:
        raise Invalid("due_too_far", start=start[:40], limit=limit[:40]) from error


_limit = lru_cache(maxsize=256)(parse_limit)


def begun_at(text: str, calendar: Calendar) -> int:
    """Epoch second of an ISO instant; without an offset it is the wall clock of the calendar's zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo:
            return int(moment.timestamp() // 1)
        return instant_of(moment.date(), moment.hour * 3600 + moment.minute * 60 + moment.second, calendar.tz)
    except (ValueError, OverflowError) as error:
        raise Invalid("due_start_bad", start=text[:40]) from error


def shown(instant: int, calendar: Calendar) -> str:
    """An instant in ISO form on the calendar's wall clock with its offset."""
    return datetime.fromtimestamp(instant, calendar.tz).isoformat()
