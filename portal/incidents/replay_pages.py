"""URLs of an incident on paper and in the past: one A4 at any moment, and the board as it stood."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext as _

from portal.cases import looks
from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.incidents import queries, replay
from portal.journal import stream
from portal.kernel import clock, paper
from portal.kernel.i18n import instant, local, locale, parse_local

bp = Blueprint("incident_past", __name__, url_prefix="/incidents")
ON_PAPER = {"tasks": 12, "story": 10, "criteria": 8}  # what one page holds


def moment(text: str) -> datetime | None:
    """The instant of the address, None where it cannot be read."""
    try:
        return parse_local(text)
    except (ValueError, OverflowError):
        return None


@bp.get("/<no>/at")
def then(no: str) -> Any:
    """The board as it stood at `time`; without one, as it stands now."""
    actor, now = current_actor(), clock.now()
    allow(actor, "incident.view")
    found = queries.incident_by_no(actor, no)
    typed = request.args.get("time", "").strip()
    asked = moment(typed) if typed else now
    lines = stream.read(found.stream)
    shown = replay.of(lines, asked, people.names()) if asked else None
    error = "" if shown else (_("Nothing had been reported by then.") if asked else _("Not a valid date and time."))
    steps = list(dict.fromkeys(f"{local(line.at):%Y-%m-%dT%H:%M}" for line in lines))
    return render_template(
        "incidents/replay.html", incident=found, then=shown, drill=found.exercise, error=error, steps=steps,
        time=f"{local(asked):%Y-%m-%dT%H:%M}" if asked else typed,
    ), 200 if shown else 422  # fmt: skip


@bp.get("/<no>/board.pdf")
def on_paper(no: str) -> Response:
    """The board on one A4, for the day the screens die and for whoever takes over."""
    actor, now = current_actor(), clock.now()
    allow(actor, "incident.view")
    found = queries.incident_by_no(actor, no)
    looks.note_print(actor, now, what=f"incident {found.no}")
    found = queries.incident_by_no(actor, no)
    shown = replay.of(stream.read(found.stream), now, people.names())
    page = current_app.jinja_env.get_template("print/incident.html").render(
        then=shown, incident=found, most=ON_PAPER, cut=paper.cut, lang="en" if locale() == "en" else "zh-Hans",
        made=instant(now), by=actor.name, now_at=now,
    )  # fmt: skip
    answer = Response(paper.laid_out(page, "incident.css"), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.no}.pdf"'
    return answer
