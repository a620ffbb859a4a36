"""F-31 in an emergency: the portal is killed again and again in the middle of a call-out and comes back (EM2)."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.incidents.models import Incident
from portal.jobs.incidents import pass_calls
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, make_person
from tests.incidents.builders import declared
from tests.stories.test_incident_command import assert_replay_is_the_row

ROOT = Path(__file__).resolve().parents[2]
KILLS, INCIDENTS, TEN = 24, 8, NINE + timedelta(minutes=10)
# forks a worker for each kill: at the first to fourth commit of a savepoint or transaction, before it or after it
KILLER = """
import os, signal, sys
from datetime import UTC, datetime
from sqlalchemy import event
from sqlalchemy.orm import Session
from portal.factory import create_app
from portal.jobs.incidents import pass_calls
app = create_app()
for number in range(int(sys.argv[1])):
    child = os.fork()
    if child == 0:
        left = [1 + number % 4]
        def die(*_):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        event.listen(Session, ("before_commit", "after_commit")[number // 4 % 2], die)
        with app.app_context():
            pass_calls(datetime.fromtimestamp(int(sys.argv[2]), UTC))
        os._exit(0)
    print(os.waitpid(child, 0)[1])
"""


@pytest.mark.fault
@pytest.mark.slow
def test_a_call_out_killed_on_the_way_calls_each_next_one_exactly_once(app, engine, staff, at, tmp_path):
    with transaction():
        make_person(role="commander", unit="hq", name="钱伟", everywhere=True)
        ids = [declared(staff, title=f"热线故障 {n}").id for n in range(INCIDENTS)]
    url = db.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"PORTAL_DATA": str(tmp_path), "PYTHONPATH": str(ROOT), "DATABASE_URL": url}
    command = [sys.executable, "-c", KILLER, str(KILLS), str(int(TEN.timestamp()))]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert Counter(killed.stdout.split())["9"] >= KILLS // 2
    pass_calls(TEN)
    assert pass_calls(TEN) == 0
    db.session.rollback()
    for incident in db.session.scalars(select(Incident).where(Incident.id.in_(ids))):
        lines = stream.read(incident.stream)
        passed = Counter(line.facts["n"] for line in lines if line.kind == "CallPassed")
        assert passed == {1: 1, 2: 1, 3: 1}
        assert {c.role: c.passed_at for c in incident.calls if c.n <= 3}.keys() == {"commander", "service", "technical"}
        assert Counter(c.role for c in incident.calls) == {"commander": 2, "service": 2, "technical": 2}
        assert incident.commander_id == staff["commander"].id
        told = Notice.subject.in_([incident.stream]) & (Notice.kind == "incident_role") & (Notice.channel == "app")
        assert len(db.session.scalars(select(Notice.key).where(told)).all()) == len(incident.calls)
        assert_replay_is_the_row(incident)
    assert stream.faults([f"incident:{i}" for i in ids]) == []
