"""What an operator asks first: is everything here that is needed, and do the figures agree?"""

import importlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from flask import current_app

from portal.archive.ahead import stranded
from portal.attachments.holding import losses
from portal.clocks import book
from portal.clocks.calendar_queries import open_gaps
from portal.clocks.keeper import NEVER
from portal.identity.company import lacking
from portal.jobs import beat, night, order_check, outside, watch
from portal.jobs.leaps import beside_store
from portal.jobs.rules import LEAP
from portal.jobs.selfcheck import Difference, Found, check
from portal.jobs.verify import missing_guards
from portal.kernel import schema
from portal.kernel.config import ROOT
from portal.kernel.i18n import instant, local, speaking, term
from portal.kernel.instants import epoch
from portal.kernel.schema import WrongSchema
from portal.notices import queries

SILENT = 60  # F-34: seconds after which the watch counts as stopped
SHOWN = 20
LONG_WAIT = 50_400  # longer than any quiet hours
STALE = 2 * 86_400  # a nightly check older than this has been missed
INSTANTS = ("press", "clock_start", "clock_due", "clock_warn")


class Finding(NamedTuple):
    """One thing looked at; state is ok, warn (works, but) or fault."""

    name: str
    state: str
    words: str


def examine(now: datetime) -> Iterator[Finding]:
    """Everything the doctor looks at, in order; nothing after the schema when that is not ours."""
    first = _schema()
    yield first
    if first.state == "fault":
        return
    checks: tuple[Callable[[datetime], Finding], ...] = (
        _guards, _files, _quarters, _catalogue, _paper, _fonts, _holidays, _store_clock, _watch, _parked, _delivery,
        _doors, _kit, _status, _night, _clocks, _orders,
    )  # fmt: skip
    for look in checks:
        yield look(now)


def _schema() -> Finding:
    try:
        schema.check()
    except WrongSchema as error:
        return Finding("schema", "fault", f"{error}; `portal init` migrates an older store")
    return Finding("schema", "ok", f"at {schema.found()}")


def _guards(now: datetime) -> Finding:
    gone = missing_guards()
    if gone:
        return Finding("journal", "fault", f"not append-only: triggers missing: {', '.join(gone)}")
    return Finding("journal", "ok", "append-only")


def _store_clock(now: datetime) -> Finding:
    off = beside_store(now)
    if abs(off) > LEAP:
        return Finding("store clock", "fault", f"this machine's clock is {off} s from the store's; set both by NTP")
    return Finding("store clock", "ok", "agrees with this machine's")


def _files(now: datetime) -> Finding:
    looked, lost = losses()
    if lost:
        named = "; ".join(f"case {one.case_id}: {one.name} {one.state}" for one in lost[:SHOWN])
        return Finding("files", "fault", f"{len(lost)} of the newest {looked} attachments do not hold: {named}")
    return Finding("files", "ok", f"the newest {looked} attachments match their checksums")


def _quarters(now: datetime) -> Finding:
    gone = stranded(now)
    if gone:
        names = ", ".join(quarter.upper() for quarter in gone)
        return Finding("archive", "fault", f"no table for {names}: `portal init` with DATABASE_OWNER_URL makes it")
    return Finding("archive", "ok", "the running quarter and the next have their tables, or get them when needed")


def _catalogue(now: datetime) -> Finding:
    with speaking("zh_Hans_CN"):
        word = term("role.agent")
    if not any("一" <= letter <= "鿿" for letter in word):
        return Finding("chinese", "fault", "the compiled catalogue is missing: `make setup` makes it")
    return Finding("chinese", "ok", f"role.agent = {word}")


def _paper(now: datetime) -> Finding:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        said = str(error).splitlines()[0]
        return Finding("pdf", "warn", f"no PDF reports: {said} (install libpango-1.0-0 and libpangoft2-1.0-0)")
    return Finding("pdf", "ok", "weasyprint and pango are here")


def _fonts(now: datetime) -> Finding:
    found = sorted((ROOT / "static" / "fonts").glob("*.ttf"))
    if not found:
        return Finding("fonts", "fault", "no font in static/fonts: Chinese would be missing in PDF reports")
    return Finding("fonts", "ok", ", ".join(file.name for file in found))


def _holidays(now: datetime) -> Finding:
    found = open_gaps(now)
    named = ", ".join(f"{book.calendar_name(gap.code)} {gap.year}" for gap in found)
    if any(gap.loud for gap in found):
        return Finding("holidays", "warn", f"not loaded: {named}; deadlines there are provisional")
    if found:
        return Finding(
            "holidays", "ok", f"not loaded yet: {named}; announced late in the year, asked for from October on"
        )
    return Finding("holidays", "ok", "this year and the next are loaded")


def _watch(now: datetime) -> Finding:
    last = beat.last()
    if last is None:
        return Finding("watch", "warn", "the deadline watch has never run here: `portal up` or `portal worker`")
    age = epoch(now) - last
    if age > SILENT:
        return Finding("watch", "warn", f"the deadline watch was last alive at {instant(last)} ({age} s ago)")
    return Finding("watch", "ok", f"alive {max(age, 0)} s ago")


def _parked(now: datetime) -> Finding:
    rows = watch.parked()
    if rows:
        named = "; ".join(f"case {row.case_id}: {row.said}" for row in rows[:SHOWN])
        return Finding("parked", "fault", f"{len(rows)} cases are not watched any more: {named}")
    return Finding("parked", "ok", "every case is watched")


def _delivery(now: datetime) -> Finding:
    """Notices that leave the portal: given up, or waiting for longer than a receiver may be away."""
    found = [one for one in queries.standing() if one.parked or (one.oldest or epoch(now)) < epoch(now) - LONG_WAIT]
    if found:
        named = "; ".join(f"{one.channel}: {one.parked} given up, {one.waiting} waiting" for one in found)
        return Finding("sending", "warn", f"{named}: see the page Sending")
    smtp = current_app.config["PORTAL"].smtp
    ways = f"mail by {smtp.host}" if smtp else "no mail (PORTAL_SMTP_HOST)"
    return Finding("sending", "ok", f"{ways}, {len(queries.robots())} chat robots, nothing given up")


def _doors(now: datetime) -> Finding:
    """How people sign in; nobody outside is asked."""
    settings = current_app.config["PORTAL"]
    if lacking():
        return Finding("sign-in", "fault", lacking())
    ways = [f"company accounts by {settings.provider.issuer}"] if settings.provider else []
    ways += [f"passwords of the directory {settings.directory.host}"] if settings.directory else []
    return Finding("sign-in", "ok", ", ".join(ways) or "passwords of the portal alone")


def _kit(now: datetime) -> Finding:
    return Finding("kit", *outside.kit_folder(now))


def _status(now: datetime) -> Finding:
    return Finding("status page", *outside.status_folder(now))


def _night(now: datetime) -> Finding:
    last = night.last_night()
    if last is None:
        return Finding("night", "warn", "the nightly self-check has not run yet; the deadline watch does it from 02:00")
    facts = last.facts
    told = f"{facts['night']}: {facts['cases']} cases, {facts['clocks']} clocks, {facts.get('orders', 0)} orders"
    if facts["differences"]:
        named = _named(night.differences_of(facts["night"]))
        return Finding("night", "fault", f"{told}, {facts['differences']} differences: {named}")
    if epoch(now) - epoch(last.at) > STALE:
        return Finding("night", "warn", f"the last nightly self-check is of {told}; does the deadline watch run?")
    return Finding("night", "ok", f"{told}, no difference")


def _clocks(now: datetime) -> Finding:
    """Every open case and those closed within 90 days, lived through again from their journals."""
    found = check(now)
    told = f"{found.cases} cases, {found.clocks} clocks counted again from their journals"
    if found.erased:
        told += f" ({found.erased} cases with erased entries cannot be)"
    if found.differences:
        return Finding("clocks", "fault", f"{told}, {len(found.differences)} differences: {_named(found.differences)}")
    return Finding("clocks", "ok", f"{told}: due instants, verdicts and queues agree")


def _orders(now: datetime) -> Finding:
    """Every order that runs or ended within 90 days, lived through again from its journal."""
    found, last = Found(), 0
    while True:
        some, end = order_check.check_some(now, last, night.ORDERS)
        found.add(some)
        if end is None:
            break
        last = end
    told = f"{found.cases} orders lived through again from their journals"
    if found.differences:
        return Finding("orders", "fault", f"{told}, {len(found.differences)} differences: {_named(found.differences)}")
    return Finding("orders", "ok", f"{told}: rows, steps and reservations agree")


def _named(found: list[Difference]) -> str:
    """The first differences in words."""
    shown = [f"{d.no} {d.kind} {d.field}: kept {_value(d, d.kept)}, counted {_value(d, d.counted)}" for d in found]
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "; ".join([*shown[:SHOWN], *more])


def _value(difference: Difference, value: object) -> str:
    """A kept or counted value; instants on the local clock, with the second."""
    moment = isinstance(value, int) and (difference.field.endswith("_at") or difference.field in INSTANTS)
    return f"{local(int(value)):%Y-%m-%d %H:%M:%S}" if moment and value < NEVER else str(value)  # type: ignore[operator, call-overload]
