"""F-31, F-43: a worker that passes an announcement on is killed again and again; each case hears exactly once."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.cases.models import Case
from portal.jobs.news import pass_on_news
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE
from tests.incidents.builders import declared
from tests.stories.test_incident_news import heard, linked, published

ROOT = Path(__file__).resolve().parents[2]
KILLS = 24
# forks a worker for each kill: before a commit, after it, or wherever it happens to be
KILLER = """
import os, random, signal, sys, time
from datetime import UTC, datetime
from sqlalchemy import event
from sqlalchemy.orm import Session
from portal.factory import create_app
import portal.jobs.news as news
app, chance = create_app(), random.Random(1)
news.BATCH = 5
for number in range(int(sys.argv[1])):
    child = os.fork()
    if child == 0:
        with app.app_context():
            if number % 3 < 2:
                die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
                event.listen(Session, ("before_commit", "after_commit")[number % 3], die)
            news.pass_on_news(datetime.fromtimestamp(int(sys.argv[2]), UTC))
        os._exit(0)
    if number % 3 == 2:
        time.sleep(0.02 + chance.random() / 20)
        os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1])
"""


@pytest.mark.fault
@pytest.mark.slow
def test_a_worker_killed_on_the_way_lets_each_case_hear_exactly_once(app, engine, staff, at, tmp_path):
    with transaction():
        incident = declared(staff)
        ids = linked(staff, incident, 300)
        published(staff, incident)
    url = db.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"PORTAL_DATA": str(tmp_path), "PYTHONPATH": str(ROOT), "DATABASE_URL": url}
    command = [sys.executable, "-c", KILLER, str(KILLS), str(int(NINE.timestamp()))]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert Counter(killed.stdout.split())["9"] >= KILLS * 2 // 3
    db.session.rollback()
    before = sum(len(heard(i)) for i in ids)
    assert before > 0
    assert pass_on_news(NINE) == 300 - before
    db.session.rollback()
    assert {len(heard(i)) for i in ids} == {1}
    assert stream.faults([db.session.get_one(Case, i).stream for i in ids]) == []
    keys = db.session.scalars(select(Notice.key).where(Notice.kind == "incident_news")).all()
    assert len(keys) == len(set(keys))
