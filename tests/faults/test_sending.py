"""F-31: a sender killed between sending and marking; what it sent is sent again under the same id, nothing is lost."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.jobs.deliver import deliver
from portal.kernel.db import db, transaction
from portal.notices import tell
from portal.notices.models import Choice, Notice
from portal.notices.rules import SHIPPED
from tests.builders import NINE
from tests.notices.conftest import set_mail
from tests.notices.receivers import receiving

ROOT = Path(__file__).resolve().parents[2]
NOTICES, KILLS = 12, 8
# forks a sender for each kill: every second one dies after it has sent, the others after the claim
KILLER = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from portal.factory import create_app
import portal.jobs.deliver as delivery
app, now = create_app(), datetime.fromtimestamp(int(sys.argv[2]), UTC)
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
for number in range(int(sys.argv[1])):
    child = os.fork()
    if child == 0:
        with app.app_context():
            setattr(delivery, "_end" if number % 2 else "_send", die)
            delivery.deliver(now + timedelta(minutes=number))
        os._exit(0)
    print(os.waitpid(child, 0)[1])
"""


@pytest.mark.fault
@pytest.mark.slow
def test_a_sender_killed_again_and_again_loses_nothing_and_repeats_under_one_id(app, engine, staff, at, tmp_path):
    with receiving("mail") as post:
        set_mail(app, post.port)
        who = staff["handler"].id
        with transaction():
            db.session.add(Choice(person_id=who, mail="h@example.com", ways=SHIPPED["groups"], quiet=False, daily_at=0))
        with transaction():
            for number in range(NOTICES):
                tell.tell([who], "assigned", subject="case:1", key=f"k{number}", facts={"no": "RQ1"}, now=NINE)
        url = db.engine.url.render_as_string(hide_password=False)
        environment = os.environ | {
            "PORTAL_DATA": str(tmp_path), "PYTHONPATH": str(ROOT), "DATABASE_URL": url, "PORTAL_SMTP_TLS": "none",
            "PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_SMTP_PORT": str(post.port), "PORTAL_MAIL_FROM": "p@example.com",
            "PORTAL_URL": "https://portal.example.com",
        }  # fmt: skip
        command = [sys.executable, "-c", KILLER, str(KILLS), str(int(NINE.timestamp()))]
        killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert Counter(killed.stdout.split())["9"] == KILLS
        assert len(post.got) == KILLS // 2
        deliver(NINE + timedelta(hours=1))
        ids = Counter(letter["Message-ID"] for letter in post.got)
        assert len(ids) == NOTICES
        assert len(post.got) == NOTICES + KILLS // 2
        db.session.rollback()
        assert db.session.scalar(select(func.count()).where(Notice.state == "waiting")) == 0
