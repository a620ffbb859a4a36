"""Reports are drafted in a thread beside the deadline watch."""

import threading

import pytest

from portal.collaboration import actions as together
from portal.jobs import deliverer, drafter, rolling
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.reports.drafting import Drafting
from portal.reports.paper_models import Paper
from tests.builders import NINE, closed_case, judged_case
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


def test_the_weekly_list_of_suggestions_outlasts_the_sessions_between_its_parts(app, at, staff):
    """Between two slices the thread ends its session; what a part has read is plain by then."""
    with transaction():
        for n in range(2):
            case = judged_case(staff["agent"], staff["supervisor"], level="P4", unit="tech")
            together.claim(staff["handler"], NINE, case)
            if n:
                together.plan(
                    staff["handler"], NINE, case, decision="planned", cycle="2027 第一季度", words="已告知客户"
                )
    at(DECEMBER)
    number, worker = opened("p4_weekly", "2026W48").id, Drafting()
    for _ in range(20):
        worker.step(clock.now(), seconds=0)
        db.session.remove()
    figures = db.session.get_one(Paper, number).data["figures"]
    assert (figures["new"], figures["planned"]) == (1, 1)


@pytest.mark.parametrize(("thread", "module", "what"), [
    ("drafting", drafter, "Drafting"), ("counting", rolling, "Rolling"), ("deliveries", deliverer, "Deliverer"),
])  # fmt: skip
def test_a_thread_beside_the_watch_outlives_what_nobody_foresaw(app, monkeypatch, caplog, thread, module, what):
    """It says so with its place and goes on; it is told to end, and ends then."""
    tries, stop, again = [], threading.Event(), threading.Event()

    def fails(*_):
        tries.append(1)
        if len(tries) > 1:
            again.set()
        raise ZeroDivisionError("nobody foresaw this")

    for name in ("LOOK_EVERY", "AFTER_FAILURE"):
        monkeypatch.setattr(module, name, 0.01, raising=False)
    monkeypatch.setattr(getattr(module, what), "look" if thread == "deliveries" else "step", fails)
    if thread == "deliveries":
        running = threading.Thread(target=deliverer.Deliverer(app).run, args=(stop, 0.001), daemon=True)
        running.start()
    else:
        module.start(app, stop)
        (running,) = [one for one in threading.enumerate() if one.name == thread]
    went_on = again.wait(10)
    stop.set()
    running.join(10)
    assert (went_on, running.is_alive(), "nobody foresaw this" in caplog.text) == (True, False, True)
