"""URLs of the access log: who looked at what, and what of it asks for a question; looking at it is written down too."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from portal.archive import access, exceptions
from portal.archive.leads import leads
from portal.archive.looking import note
from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, parse_local

bp = Blueprint("access", __name__, url_prefix="/archive/access")
WEEK = 7


@bp.get("")
def index() -> Any:
    """Who searched, opened, saw, revealed and printed what: by person, case, customer and time."""
    actor = current_actor()
    allow(actor, "archive.access")
    arguments = request.args
    start, end = _day("from"), _day("to")
    asked = access.Asked(
        no=arguments.get("no", "")[:20], person=arguments.get("person", 0, type=int),
        what=arguments.get("what", "")[:12],
        start=start, end=end + timedelta(days=1) if end else None, before=arguments.get("before", 0, type=int),
    )  # fmt: skip
    said = " ".join(filter(None, (asked.no, str(asked.person or ""), asked.what, _said(start, end))))
    note(actor, "log", "", said)
    entries = access.looks(actor, asked)
    return render_template(
        "archive/access.html", entries=entries, asked=asked, people=sorted(people.names().items()), kinds=access.KINDS,
        older=entries[-1].id if len(entries) == access.SHOWN else 0, queues=_queues(), start=_iso(start), end=_iso(end),
        leads=leads(actor, (one.no for one in entries)),
    )  # fmt: skip


@bp.get("/exceptions", endpoint="exceptions")
def odd() -> Any:
    """What an auditor asks about first, of the last week or of chosen days."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.access")
    kind = request.args.get("kind", "")
    end = _day("to") or _midnight(local(now).date())
    start = _day("from") or end - timedelta(days=WEEK - 1)
    note(actor, "log", "", f"exceptions {kind} {_said(start, end)}")
    lines = exceptions.found(actor, start, end + timedelta(days=1), kind if kind in exceptions.KINDS else "")
    return render_template(
        "archive/exceptions.html", lines=lines, kind=kind, kinds=exceptions.KINDS, start=_iso(start), end=_iso(end),
        leads=leads(actor, (one.no for one in lines)),
    )  # fmt: skip


def _day(name: str) -> datetime | None:
    """The local midnight of a day of the address. Raises Invalid for what is none."""
    given = request.args.get(name, "").strip()
    try:
        return _midnight(date.fromisoformat(given)) if given else None
    except ValueError as error:
        raise Invalid("day_unreadable", field=name, day=given[:20]) from error


def _midnight(day: date) -> datetime:
    return parse_local(f"{day.isoformat()}T00:00")


def _iso(at: datetime | None) -> str:
    return local(at).date().isoformat() if at else ""


def _said(start: datetime | None, end: datetime | None) -> str:
    return f"{_iso(start)}..{_iso(end)}" if start or end else ""


def _queues() -> dict[str, str]:
    """The names of queues by the code under which a printing is written down."""
    named = {"all": _("All departments"), "mine": _("My cases"), "judging": _("To be judged")}
    return named | {"following": _("Following")} | {unit.code: unit_name(unit) for unit in people.departments()}
