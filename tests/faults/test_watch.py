"""F-20, F-30, F-31: a watch that is killed, doubled, or whose clock is wrong tells each step exactly once."""

import os
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.identity.queries import fact
from portal.jobs.loop import Worker
from portal.jobs.watch import look
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice, Told
from tests.builders import NINE, judged_case, make_case

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50
LADDER = ("warn", "due", "escalated", "unanswered")
SAID = (*LADDER, "storm")
# forks a worker for each kill: before the commit, after it, or wherever it happens to be
KILLER = """
import os, random, signal, sys, time
from datetime import UTC, datetime
from sqlalchemy import event
from sqlalchemy.orm import Session
from portal.factory import create_app
from portal.jobs.watch import look
import portal.jobs.watch as watch
app, chance = create_app(), random.Random(1)
watch.BATCH, watch.MOST_CASES = 5, 15
seen = []
def die(*_):
    seen.append(1)  # the first is the savepoint's, the second the batch's
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
for number in range(int(sys.argv[1])):
    child = os.fork()
    if child == 0:
        with app.app_context():
            if number % 3 < 2:
                event.listen(Session, ("before_commit", "after_commit")[number % 3], die)
            look(datetime.fromtimestamp(int(sys.argv[2]), UTC))
        os._exit(0)
    if number % 3 == 2:
        time.sleep(0.02 + chance.random() / 10)
        os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1])
"""


def due_at(moment: datetime, cases: int, agent: object) -> int:
    """Makes cases whose clocks all fall due at a moment; how many clocks."""
    with transaction():
        for _ in range(cases):
            make_case(agent, NINE, channel="email")
    with transaction() as session:
        session.execute(update(Clock).where(Clock.outcome == "running").values(due_at=moment, warn_at=None))
        session.execute(update(Case).values(notice_at=int(moment.timestamp())))
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Clock.outcome == "running")) or 0


def told() -> list[tuple[int, int, int]]:
    """(clock, step, person) of everything the watch has told, by a notice of its own or in a digest."""
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(select(Told.clock_id, Told.step, Told.person_id))]


def said() -> Counter[str]:
    """How many steps each notice says: its own one, or the count of a digest."""
    db.session.rollback()
    return Counter({n.key: n.facts.get("count", 1) for n in db.session.scalars(select(Notice)) if n.kind in SAID})


@pytest.mark.fault
@pytest.mark.slow
def test_a_watch_killed_fifty_times_tells_each_step_exactly_once(app, engine, staff, at, tmp_path):
    due = NINE + timedelta(hours=1)
    clocks = due_at(due, 400, staff["agent"])
    url = db.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"PORTAL_DATA": str(tmp_path), "PYTHONPATH": str(ROOT), "DATABASE_URL": url}
    command = [sys.executable, "-c", KILLER, str(KILLS), str(int(due.timestamp()))]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert Counter(killed.stdout.split())["9"] >= KILLS * 2 // 3
    before = told()
    assert 0 < len(before) < clocks
    with transaction() as session:
        assert not list(session.execute(text("SELECT 1 FROM watch_trouble")))
    assert look(due) + len(before) == clocks
    assert look(due) == 0
    assert len(told()) == len(set(told())) == sum(said().values()) == clocks
    assert db.session.scalar(select(func.count()).where(Clock.told_step == 2)) == clocks


@pytest.mark.fault
def test_two_watches_over_a_thousand_due_clocks_tell_a_thousand_steps(app, engine, at, staff):
    due = NINE + timedelta(hours=1)
    clocks = due_at(due, 200, staff["agent"])
    assert clocks >= 1_000
    counted: list[int] = []

    def work() -> None:
        with app.app_context():
            counted.append(look(due))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counted) + look(due) == clocks
    assert len(told()) == sum(said().values()) == clocks
    assert look(due) == 0


@pytest.mark.fault
def test_a_clock_three_hours_wrong_and_back_tells_nothing_twice_and_skips_nothing(app, engine, at, staff):
    worker, off = Worker(), timedelta(hours=3)
    with transaction():
        for level in ("P1", "P2", "P3"):
            case = judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech", channel="email")
            together.claim(staff["handler"], NINE, case)
    for minutes in range(0, 600, 5):
        now = NINE + timedelta(minutes=minutes)
        worker.tick(now + {60: off, 65: -off, 70: off}.get(minutes, timedelta()), minutes * 60)
        worker.tick(now, minutes * 60 + 1)
    worker.tick(NINE + timedelta(days=40))
    told: Counter[tuple[int, int]] = Counter()
    for notice in db.session.scalars(select(Notice).where(Notice.kind.in_((*SAID, "digest", "overdue")))):
        items = notice.facts.get("items") or [notice.facts]
        told.update((notice.person_id, item["no"], item["clock"], item["step"]) for item in items)
    assert told
    assert set(told.values()) == {1}
    leaps = [line.facts["seconds"] for line in stream.read("watch:clock")]
    assert [round(leap / 3600) for leap in leaps] == [3, -3, -3, 3, 3, -3]
    assert fact("clock_leap").startswith("0 ")
    running = select(func.count()).where(Clock.outcome == "running", Clock.paused_at.is_(None))
    assert db.session.scalar(running.where(Clock.told_step < 4)) == 0


@pytest.mark.fault
@pytest.mark.parametrize(("level", "minutes", "wrong"), [("P1", 5, 3), ("P2", 15, 3), ("P2", 15, -3)])
def test_who_was_told_while_the_clock_was_wrong_has_as_long_to_answer(app, engine, at, staff, level, minutes, wrong):
    worker, off, begun = Worker(), timedelta(hours=wrong), NINE + timedelta(hours=4)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech", channel="email")
        together.claim(staff["handler"], NINE, case)

    def falls_due(moment: datetime) -> None:
        own = {"due_at": moment, "warn_at": None, "started_at": moment - timedelta(hours=2)}
        with transaction() as session:
            session.execute(update(Clock).where(Clock.kind != "result").values(outcome="met"))
            session.execute(update(Clock).where(Clock.kind == "result").values(own))
            session.execute(update(Case).values(notice_at=int(moment.timestamp())))

    def tick(seconds: int, shown: timedelta = timedelta()) -> int:
        """`seconds` after the start, with a clock that is off; how many were told in all."""
        worker.tick(begun + timedelta(seconds=seconds) + shown, 1000.0 + seconds)
        return len(told())

    falls_due(begun + timedelta(days=1))
    assert tick(-5) == 0
    falls_due(begun + off)
    assert tick(0, off) > 0  # the clock jumps, and by it something is due
    first = tick(30, off)
    assert tick(60) == first  # set right a minute later
    assert tick(minutes * 60 - 5) == first
    assert tick(minutes * 60 + 1) > first
