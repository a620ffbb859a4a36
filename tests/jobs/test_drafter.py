"""Reports are drafted in a thread beside the deadline watch."""

import threading

from portal.jobs import drafter
from portal.kernel.db import db, transaction
from tests.builders import closed_case
from tests.reports.papers import DECEMBER, opened


def test_a_draft_is_made_beside_the_watch(app, at, staff, monkeypatch):
    """The worker's thread drafts what has fallen due, and ends when it is told to."""
    monkeypatch.setattr(drafter, "LOOK_EVERY", 0.01)
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2")
    at(DECEMBER)
    waiting, stop = opened("kpi", "2026-11"), threading.Event()
    drafter.start(app, stop)
    for _ in range(400):
        db.session.rollback()
        db.session.refresh(waiting)
        if waiting.state == "draft":
            break
        stop.wait(0.05)
    stop.set()
    (thread,) = [one for one in threading.enumerate() if one.name == "drafting"]
    thread.join(10)
    assert waiting.state == "draft"
