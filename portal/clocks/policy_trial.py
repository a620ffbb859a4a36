"""The page on which a version is tried on past cases, a few thousand at a time."""

import json
from datetime import date, datetime
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select

from portal.clocks import book, policy_queries, tryout_queries
from portal.clocks.models import CalendarVersion
from portal.clocks.tryout import SIDES, Tally, tally_from_data
from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.kernel import clock, web
from portal.kernel.db import db
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local, sentence

CHUNK = tryout_queries.CHUNK
AT_ONCE = 4_000  # cases that a page counts before it is shown: a second or two


def try_on(version: int) -> Any:
    """The form of the period, and the answer: at once when it is short or `whole` is asked for, else step by step."""
    allow(current_actor(), "policy.view")
    asked = _asked(request.args)
    if not request.args.get("from"):
        return _page(version, asked)
    try:
        span, total = _counted(asked)
        if total <= AT_ONCE or request.args.get("whole"):
            tally = tryout_queries.whole(_trial(version, asked), span)
            return _page(version, asked, tally=tally)
    except Invalid as refused:
        return _page(version, asked, error=sentence(refused)), 422
    return _page(version, asked, tally=Tally(), total=total, after=0)


def try_on_further(version: int) -> Any:
    """Counts the next cases into what the page holds; a plain page without the script, else the part that changes."""
    allow(current_actor(), "policy.view")
    asked, form = _asked(request.form), request.form
    try:
        tally, after = tally_from_data(json.loads(form.get("tally", ""))), int(form.get("after", "")[:18])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Invalid("unusable_input") from error
    span, total = _counted(asked)
    reached = tryout_queries.step(_trial(version, asked), span, after, tally, CHUNK)
    return _page(version, asked, tally=tally, total=total, after=reached)


def register(bp: Blueprint) -> None:
    """Adds the page to the policy's URLs."""
    bp.add_url_rule("/<int:version>/try", "try_on", try_on)
    bp.add_url_rule("/<int:version>/try", "try_on_further", try_on_further, methods=["POST"])


def _asked(values: Any) -> dict[str, str]:
    """The period and the calendar that were asked for; the last three whole months by default."""
    first, last = _last_months(clock.now())
    return {
        "from": values.get("from") or first,
        "to": values.get("to") or last,
        "calendar": values.get("calendar", ""),
    }


def _last_months(now: datetime) -> tuple[str, str]:
    today = local(now).date()
    month = today.year * 12 + today.month - 1
    first, end = date((month - 3) // 12, (month - 3) % 12 + 1, 1), today.replace(day=1)
    return first.isoformat(), date.fromordinal(end.toordinal() - 1).isoformat()


def _counted(asked: dict[str, str]) -> tuple[tryout_queries.Span, int]:
    span = tryout_queries.span_of(asked["from"], asked["to"])
    return span, tryout_queries.how_many(span)


def _trial(version: int, asked: dict[str, str]) -> Any:
    code, _sign, number = asked["calendar"].partition("=")
    instead = {code: int(number)} if number.isdigit() and len(number) < 10 else {}
    return tryout_queries.trial(book.policy(version), clock.now(), instead)


def _page(version: int, asked: dict[str, str], **found: Any) -> Any:
    """The page, or for the script only what changes."""
    template = "clocks/_policy_trial.html" if web.is_htmx() and request.method == "POST" else "clocks/policy_try.html"
    tally, after = found.get("tally"), found.get("after")
    finished = tally if tally is not None and after is None else None
    return render_template(
        template, version=policy_queries.version(version), asked=asked, tally=finished, going=after is not None,
        done=tally.cases if tally else 0, total=found.get("total", 0), after=after, error=found.get("error", ""),
        kept=json.dumps(tally.to_data(), separators=(",", ":")) if after is not None and tally else "",
        sides=SIDES, units={str(u.id): unit_name(u) for u in people.units()}, calendars=_calendars(),
    )  # fmt: skip


def _calendars() -> list[tuple[str, int]]:
    """Every version of every calendar."""
    query = select(CalendarVersion.code, CalendarVersion.version)
    rows = db.session.execute(query.order_by(CalendarVersion.code, CalendarVersion.version))
    return [(row[0], row[1]) for row in rows]
