"""An emergency under load: fifty viewers of one board while it changes, and declaring with forty people to tell."""

import http.client
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.identity import queries as people
from portal.identity import session as sessions
from portal.incidents import actions, queries, telling
from portal.incidents.models import Incident
from portal.jobs.news import pass_on_news
from portal.journal.models import Entry
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests import stores
from tests.bench.filled import cookie
from tests.bench.served import ROOT, cpu_seconds, served
from tests.bench.store import make_staff
from tests.builders import make_case, make_person

VIEWERS, EVERY, TOLD, CASES = 50, 2.0, 40, 500
SECONDS, CHANGE_EVERY = int(os.environ.get("BENCH_BOARD", 20)), 6.0
DECLARING, ROUNDS = f"declare an incident, {TOLD} people told", 12
SPREAD = f"announcement published until it stands in {CASES} linked cases, seconds"
HELLO = f"declare an incident, {TOLD} people told, CPU in hellos"
SEEN = f"board, {VIEWERS} viewers: change seen p95, seconds"
CPU = f"board, {VIEWERS} viewers: server CPU, % of a core"
TARGETS = {DECLARING: 60.0, HELLO: 60.0, SPREAD: 2.0, SEEN: 2.2, CPU: 10.0}


@contextmanager
def filled() -> Iterator[tuple[Any, dict[str, Any], Path]]:
    """A store with staff, forty of whom hear of every declaration: app, staff, folder."""
    folder = Path(tempfile.mkdtemp())
    app = stores.build(folder)
    stores.fill(app)
    with app.app_context():
        with transaction():
            staff = make_staff()
            known = {i for role in ("supervisor", "head") for i in people.holders(role)}
            for n in range(TOLD - len(known) - 1):
                make_person(role="head", unit="tech", name=f"负责人{n}", login=f"bench-head-{n}")
            staff["head"] = make_person(role="head", unit="tech", name="刘洋", login="bench-head")
            for role in ("commander", "watch", "responder"):
                staff[role] = make_person(role=role, unit="hq", name=role, login=f"bench-{role}", everywhere=True)
        yield app, staff, folder
        stores.close(app)
    shutil.rmtree(folder, ignore_errors=True)


def _now() -> datetime:
    return datetime.fromtimestamp(clock.millis() // 1000, UTC)


def reported(staff: dict[str, Any]) -> Incident:
    """A report that waits to be declared."""
    now = _now()
    return actions.report(
        staff["watch"], now, title="热线系统故障", kind="hotline", extent="many", place="总部", scope="占线", cause="",
        occurred=now - timedelta(minutes=5),
    )  # fmt: skip


def declare(staff: dict[str, Any], incident: Incident) -> None:
    """Puts the plan in force with a leader for each group."""
    roles = {"commander": staff["commander"].id, "service": staff["responder"].id, "technical": staff["head"].id}
    with transaction():
        actions.declare(staff["watch"], _now(), incident, kind="hotline", grade="major", roles=roles)


def declaring(results: dict[str, float], unit: Any, hello: Any) -> None:
    """One declaration with all its notices in the same transaction, against a bare committing POST, in turn.

    The time by the clock in such POSTs, the processor time in calls of `hello`.
    """
    with filled() as (_app, staff, _folder):
        ours, theirs, spent, hellos = [], [], [], []
        for _ in range(ROUNDS):
            with transaction():
                incident = reported(staff)
            db.session.expire_all()
            locked = queries.incident_by_no(staff["watch"], incident.no)
            start, used = time.perf_counter(), time.thread_time()
            declare(staff, locked)
            ours.append(time.perf_counter() - start)
            spent.append(time.thread_time() - used)
            told = db.session.query(Notice).filter_by(kind="incident_declared", subject=locked.stream).count()
            if told < TOLD:
                raise RuntimeError(f"{told} of {TOLD} were told")
            for _once in range(10):
                start = time.perf_counter()
                unit.post("/", data={"description": "光猫 LOS 灯常亮红色"})
                theirs.append(time.perf_counter() - start)
                used = time.thread_time()
                hello()
                hellos.append(time.thread_time() - used)
        results[HELLO] = sorted(spent)[ROUNDS // 2] / sorted(hellos)[len(hellos) // 2]
        results[DECLARING] = sorted(ours)[ROUNDS // 2] / sorted(theirs)[len(theirs) // 2]


def spreading(results: dict[str, float]) -> None:
    """An announcement of an incident with many linked cases: published, passed on, and then it stands in each once."""
    with filled() as (_app, staff, _folder):
        with transaction():
            incident = reported(staff)
        declare(staff, incident)
        with transaction():
            made = [make_case(staff["agent"], _now(), contact=f"1390000{n:04}") for n in range(CASES)]
            telling.link_cases(staff["watch"], _now(), incident, numbers=[case.no for case in made])
            streams = [case.stream for case in made]
            n = telling.draft_announcement(
                staff["responder"], _now(), incident, text="热线正在抢修，预计中午恢复",
                text_en="We expect it back at noon.", channels="官网", next_news=_now() + timedelta(hours=1),
            )  # fmt: skip
        db.session.expire_all()
        start = time.perf_counter()
        with transaction():
            locked = queries.incident_to_change(staff["commander"], incident.no)
            telling.publish_announcement(staff["commander"], _now(), locked, n=n)
        pass_on_news(_now())
        results[SPREAD] = time.perf_counter() - start
        told = Entry.stream.in_(streams) & (Entry.kind == "IncidentNews")
        heard = db.session.scalars(select(Entry.stream).where(told)).all()
        if sorted(heard) != sorted(streams):
            raise RuntimeError(f"{len(heard)} entries in {len(set(heard))} of {CASES} cases")


class Viewer(threading.Thread):
    """One screen: asks every two seconds, notes when it sees another version."""

    def __init__(self, port: int, path: str, carried: str, until: float) -> None:
        """Begins at a moment of its own."""
        super().__init__(daemon=True)
        self.port, self.path, self.carried, self.until = port, path, carried, until
        self.seen: list[float] = []
        self.tag = ""

    def run(self) -> None:
        """Asks until the end."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        time.sleep(random.random() * EVERY)
        due = time.monotonic()
        while due < self.until:
            headers = {"Cookie": self.carried, "HX-Request": "true", "HX-PTag": self.tag}
            line.request("GET", self.path, headers=headers)
            answer = line.getresponse()
            answer.read()
            tag = answer.headers.get("HX-PTag", "")
            if answer.status == 200 and self.tag:
                self.seen.append(time.monotonic())
            self.tag = tag or self.tag
            due += EVERY
            time.sleep(max(0.0, due - time.monotonic()))


def board(results: dict[str, float]) -> None:
    """Fifty people look at one board while entries are written; latency of a change, CPU of the server."""
    with filled() as (app, staff, folder):
        with transaction():
            incident = reported(staff)
        declare(staff, incident)
        for n in range(20):
            with transaction():
                telling.enter(staff["responder"], _now(), incident, kind="information", text=f"进展 {n}：抽拨正常")
        with transaction():
            carried = [cookie(app, sessions.sign_in(staff["watch"].id, clock.now())) for _ in range(VIEWERS)]
        env = {"PORTAL_DATA": str(folder), "PORTAL_SECRET_KEY": app.config["SECRET_KEY"], "PYTHONPATH": str(ROOT)}
        with served("portal.factory:create_app()", env, "/healthz") as (pid, port):
            until = time.monotonic() + SECONDS + 4
            path = f"/incidents/{incident.no}/changes"
            screens = [Viewer(port, path, one, until) for one in carried]
            for one in screens:
                one.start()
            time.sleep(4)
            began, used, written = time.monotonic(), cpu_seconds(pid), []
            while time.monotonic() < until - CHANGE_EVERY / 2:
                with transaction():
                    locked = queries.incident_to_change(staff["watch"], incident.no)
                    telling.enter(staff["responder"], _now(), locked, kind="information", text="又有进展")
                written.append(time.monotonic())
                time.sleep(CHANGE_EVERY)
            spent, seconds = cpu_seconds(pid) - used, time.monotonic() - began
            for one in screens:
                one.join(timeout=10)
        results[CPU] = 100 * spent / seconds
        results[SEEN] = _seen(written, screens)


def _seen(written: list[float], screens: list[Viewer]) -> float:
    """The 95th percentile of how long a change took to be on a screen. Raises RuntimeError for one that was missed."""
    delays = []
    for at in written[:-1]:
        for one in screens:
            after = [seen - at for seen in one.seen if seen >= at]
            if not after:
                raise RuntimeError("a screen missed a change")
            delays.append(min(after))
    return sorted(delays)[int(len(delays) * 0.95)]


def measure(results: dict[str, float], unit: Any, hello: Any) -> None:
    """All figures; `unit` is the client of a bare application whose POST commits a row, `hello` one call of its GET."""
    declaring(results, unit, hello)
    spreading(results)
    board(results)
