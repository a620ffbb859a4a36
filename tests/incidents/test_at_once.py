"""F-12 in an emergency: two take command or answer a call at once: one wins, the other is told, nothing is doubled."""

import threading

from portal.identity import queries as people
from portal.incidents import queries
from portal.journal import stream
from portal.kernel.db import db, transaction
from tests.builders import make_person
from tests.incidents.builders import declared


def at_once(*posts):
    """Sends these posts at the same moment; their answers."""
    answers, start = [], threading.Barrier(len(posts))

    def send(client, url, data):
        start.wait(10)
        answers.append(client.post(url, data=data))

    threads = [threading.Thread(target=send, args=post) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_two_who_take_command_at_once_leave_one_commander_and_the_other_hears_who(app, engine, at, staff, signed_in):
    with transaction():
        both = [make_person(role="commander", unit="hq", name=name, everywhere=True) for name in ("钱伟", "孙琳")]
        incident = declared(staff)
        url, seen = f"/incidents/{incident.no}/do/role", incident.version
    data = {"role": "commander", "handover": "在办三项", "seen": seen}
    posts = [(signed_in(people.actor_by_login(one.login)), url, data | {"person": one.id}) for one in both]
    answers = at_once(*posts)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    db.session.expire_all()
    here = queries.incident_by_id(incident.id)
    held = [row for row in here.roles if row.role == "commander" and row.until_at is None]
    assert [row.person_id for row in held] == [here.commander_id]
    assert here.commander in next(a for a in answers if a.status_code == 409).text


def test_a_call_answered_twice_at_once_is_answered_once(app, engine, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        call = next(c for c in incident.calls if c.role == "technical")
        url, data = f"/incidents/{incident.no}/do/answer", {"call": call.n, "seen": incident.version}
    answers = at_once(*[(signed_in(staff["head"]), url, data) for _ in range(2)])
    assert sorted(answer.status_code for answer in answers) in ([303, 409], [303, 422])
    answered = [line for line in stream.read(incident.stream) if line.kind == "CallAnswered"]
    assert len(answered) == 1
