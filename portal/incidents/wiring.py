"""What the incident room gives to the frame of every page, and what it hears from cases."""

from datetime import datetime
from typing import Any

from flask import Flask, current_app, url_for
from sqlalchemy import func, select

from portal import shell
from portal.cases.models import Case
from portal.cases.record import follow
from portal.identity.actor import Actor
from portal.incidents import news_board, status
from portal.incidents.models import Incident
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.masking import hidden

DRILL = "演练 EXERCISE · "
HEARD = ("Judged", "Claimed", "Transferred", "Told", "Confirmed", "Closed", "Reopened", "Voided", "Merged")


def running() -> list[tuple[str, str, int]]:
    """Declared incidents for everybody's top bar: (address, title without numbers, epoch seconds of when it began)."""
    query = select(Incident.no, Incident.title, Incident.exercise, Incident.occurred_at).where(
        Incident.state == "active"
    )
    rows = db.session.execute(query.order_by(Incident.id))
    return [
        (url_for("incidents.show", no=no), called(title, exercise), int(started.timestamp()))
        for no, title, exercise, started in rows
    ]


def called(title: str, exercise: bool) -> str:
    """A title as everybody may read it: without numbers, an exercise marked as one."""
    return hidden(f"{DRILL}{title}" if exercise else title)


def open_count(actor: Actor) -> tuple[int, bool]:
    """Incidents reported or running, for the navigation."""
    return shell.kept("incidents.open", feed.version("incidents"), _count_open), False


def _count_open() -> int:
    query = select(func.count()).select_from(Incident).where(Incident.state != "ended")
    return db.session.scalar(query) or 0


def case_moved(case: Case, event: Any, actor: Actor, at: datetime) -> None:
    """A linked case moved: the boards of its incident look again."""
    if case.incident_id:
        feed.touch(f"incident:{case.incident_id}", case.incident_id)


def on_status_page(incident: Incident) -> list[tuple[str, str]]:
    """Whether an announcement of it stands on the status page and in its copy outside."""
    return status.reach(incident, current_app.config["PORTAL"].status_dir is not None)


def wire(app: Flask) -> None:
    """Hooks the room into the frame and into the cases' events."""
    shell.running(running)
    news_board.further(on_status_page)
    shell.count("incidents.index", open_count)
    for kind in HEARD:
        follow(kind, case_moved)
