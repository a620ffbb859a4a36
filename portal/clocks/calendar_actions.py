"""Changing calendars (SL3): changes collect in a draft, and only putting them in force makes a version.

A version is never changed: running clocks keep the one they began with.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from portal.clocks import book
from portal.clocks import calendar as calendars
from portal.clocks import calendar_changes as changes_
from portal.clocks.calendar import LAST_YEAR, Calendar, CalendarRefused
from portal.clocks.calendar_changes import Changes, laid_upon, without_needless
from portal.clocks.calendar_queries import Story, draft, local_today, story
from portal.clocks.models import CalendarDraft, CalendarVersion
from portal.clocks.timetable import Intervals, instant_of
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing, Stale

STREAM = "config:calendars"
NOTE_LENGTH = 400


def add_calendar(
    actor: Actor,
    now: datetime,
    *,
    code: str,
    name: str,
    zone: str,
    week: Sequence[Intervals],
    observes: bool,
    effective: date,
    note: str,
) -> CalendarVersion:
    """Adds a calendar; `observes`: it has public holidays, none of which are loaded yet. Raises Invalid."""
    allow(actor, "calendar.edit")
    _one_at_a_time()
    if _exists(code, now):
        raise Invalid("calendar_code_taken", field="code", calendar=code)
    try:
        made = Calendar(code, 1, zone, tuple(week), {}, frozenset() if observes else None)
    except CalendarRefused as refused:
        raise _invalid(refused) from refused
    return _keep(actor, now, made, _starting(effective, now, made), note, name=name)


def change(actor: Actor, now: datetime, code: str, changes: Changes) -> None:
    """Adds changes to the calendar's draft; the draft ends when nothing is left of it. Raises Invalid."""
    allow(actor, "calendar.edit")
    _one_at_a_time()
    told, row = story(code, now), draft(code)
    held = [told.calendar(v) for v in (told.current, *told.coming)]
    wanted = (changes_.from_data(row.data) if row else Changes()).then(changes)
    for calendar in held:
        _laid_upon(calendar, wanted, calendar.version)
    left = without_needless(wanted, held)
    if not left:
        _end(row)
    elif row is None:
        db.session.add(CalendarDraft(code=code, data=changes_.to_data(left), revision=1, by_id=actor.id, at=now))
    else:
        row.data, row.revision, row.by_id, row.at = changes_.to_data(left), row.revision + 1, actor.id, now


def discard(actor: Actor, code: str) -> None:
    """Throws the draft away."""
    allow(actor, "calendar.edit")
    _one_at_a_time()
    _end(draft(code))


def put_in_force(actor: Actor, now: datetime, code: str, *, effective: date, note: str, seen: int) -> list[int]:
    """Makes the draft the version that holds from a day on, today at the earliest; `seen`: the draft's revision.

    Versions that are to come into force later are followed by ones with the same changes, so that none undoes them.
    Returns the new numbers. Raises Invalid, Stale, Missing for a calendar that does not exist.
    """
    allow(actor, "calendar.edit")
    _one_at_a_time()
    told, row = story(code, now), draft(code)
    if row is None:
        raise Stale("calendar_draft_gone")
    if row.revision != seen:
        raise Stale("calendar_draft_moved")
    wanted = changes_.from_data(row.data)
    since = _starting(effective, now, told.calendar(told.current))
    number, made = told.rows[-1].version, []
    for base, begins in _bases(told, since):
        number += 1
        laid = _laid_upon(told.calendar(base), wanted, number)
        _keep(actor, now, laid, begins, note, **_facts_of(base))
        made.append(number)
    _end(row)
    return made


def _starting(effective: date, now: datetime, calendar: Calendar) -> datetime:
    """The instant from which a version holds: the day's first, or now when it is today. Raises Invalid."""
    today = local_today(now, calendar)
    if effective < today:
        raise Invalid("effective_past", field="effective", today=today.isoformat())
    if effective.year > LAST_YEAR:
        raise Invalid("effective_far", field="effective", year=LAST_YEAR)
    if effective == today:
        return now
    return datetime.fromtimestamp(instant_of(effective, 0, calendar.tz), UTC)


def _invalid(refused: CalendarRefused) -> Invalid:
    """A calendar's refusal with the field it belongs to."""
    fields = {"calendar_zone_unknown": "zone", "calendar_too_short": "week", "calendar_observes_none": "year"}
    return Invalid(refused.code, **({"field": fields.get(refused.code, "hours")} | refused.facts))


def _exists(code: str, now: datetime) -> bool:
    try:
        return bool(story(code, now))
    except Missing:
        return False


def _bases(told: Story, since: datetime) -> list[tuple[CalendarVersion, datetime]]:
    """What the changes are laid upon: the version in force from `since` on, and those that come into force later."""
    later = [(row, row.effective_from) for row in told.coming if row.effective_from > since]
    return [(told.holding(since), since), *later]


def _facts_of(base: CalendarVersion) -> dict[str, Any]:
    """What a new version takes over beside the calendar itself."""
    return {"name": base.data.get("name", ""), "from": base.version}


def _laid_upon(calendar: Calendar, wanted: Changes, number: int) -> Calendar:
    try:
        return laid_upon(calendar, wanted, number)
    except CalendarRefused as refused:
        raise _invalid(refused) from refused


def _keep(actor: Actor, now: datetime, made: Calendar, since: datetime, note: str, **facts: Any) -> CalendarVersion:
    """Writes a version and tells the journal."""
    row = CalendarVersion(
        code=made.code, version=made.version, effective_from=since, data=calendars.to_data(made) | facts,
        by_id=actor.id, at=now, note=note.strip()[:NOTE_LENGTH],
    )  # fmt: skip
    db.session.add(row)
    told = {"calendar": made.code, "version": made.version, "effective_from": int(since.timestamp()), "note": row.note}
    stream.append(STREAM, "CalendarVersionMade", told, by_id=actor.id, at=now)
    return row


def _one_at_a_time() -> None:
    """Tells every process that versions may have changed; the topic's row also makes writers of calendars queue."""
    feed.touch(book.TOPIC, 0)


def _end(row: CalendarDraft | None) -> None:
    if row is not None:
        db.session.delete(row)
