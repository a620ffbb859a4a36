"""SL8, F-31, F-33, F-35, F-37, F-41: notices leave by mail and robot, at least once, without customer data."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.identity.actions import set_fact
from portal.incidents import queries
from portal.jobs import deliver as delivery
from portal.jobs.deliver import deliver
from portal.jobs.deliverer import Deliverer
from portal.jobs.incidents import pass_calls
from portal.jobs.loop import Worker
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.notices import tell
from portal.notices.models import Notice, Robot
from portal.notices.rules import BACK_OFF
from portal.notices.ways import check_address, signed
from tests.builders import NINE, judged_case
from tests.incidents.builders import declared
from tests.notices.conftest import set_mail
from tests.notices.receivers import receiving
from tests.stories.test_incident_command import assert_replay_is_the_row

MINUTE = timedelta(minutes=1)
DINGTALK, FEISHU = "WIUBwtTRFteeKOkoL4n6FBRfE8Gh51zpQiQOTtn8LQ4%3D", "g1l+RFWXOoLushKoKEQdBO/4ydvtAIDjGURFoAPDFd4="


def news(people, kind="assigned", key="k", **facts):
    told = {"no": "RQ20261124-0001", "level": "P2", "title": "王芳 13800130013"} | facts
    with transaction():
        tell.tell([p.id for p in people], kind, subject="case:1", key=key, facts=told, now=NINE)


def rows(channel="mail"):
    db.session.rollback()
    return list(db.session.scalars(select(Notice).where(Notice.channel == channel).order_by(Notice.id)))


def states(channel="mail"):
    return [(row.state, row.attempts) for row in rows(channel)]


def test_an_assignment_is_mailed_without_customer_data(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.assign(staff["head"], NINE, case, person_id=staff["handler"].id, reason="")
    assert deliver(NINE) == 2  # that it landed in the department, and that it is assigned
    assert deliver(NINE) == 0
    letter = post.got[-1]
    text = letter.get_content()
    assert letter["To"] == "handler@example.com"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert case.no in str(letter["Subject"])
    assert f"https://portal.example.com/cases/{case.no}" in text
    for secret in ("王芳", "13800130013", "LOS", "移机"):
        assert secret not in text + str(letter["Subject"])


def test_a_row_is_written_once_however_often_it_is_told(app, engine, at, staff, post, wants, robot):
    robot()
    wants(staff["handler"])
    wants(staff["head"])
    for _ in range(3):
        news([staff["handler"], staff["head"]])
    assert len(rows("mail")) == 2
    assert len(rows("robot")) == 1  # the group hears of a step once
    assert deliver(NINE) == 3


@pytest.mark.parametrize(("does", "said"), [("hang", "timed out"), ("busy", "451"), ("break", "Disconnected")])
def test_a_mail_that_fails_is_tried_again_and_parked_at_last(app, at, staff, post, wants, does, said):
    wants(staff["handler"])
    news([staff["handler"]])
    post.does, now = does, NINE
    for wait in (*BACK_OFF, 0):
        assert deliver(now) == 0
        assert deliver(now + timedelta(seconds=max(wait - 1, 0))) == 0
        now += timedelta(seconds=wait)
    (row,) = rows()
    assert (row.state, row.attempts) == ("parked", 5)
    assert said in row.said
    assert deliver(now + timedelta(days=1)) == 0


def test_a_server_that_refuses_connections_and_comes_back(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    news([staff["handler"]])
    set_mail(app, 1)
    assert deliver(NINE) == 0
    set_mail(app, post.port)
    assert deliver(NINE + timedelta(seconds=59)) == 0
    assert deliver(NINE + timedelta(seconds=60)) == 1
    assert states() == [("sent", 1)]


def test_a_recipient_refused_for_good_stops_nobody_else(app, at, staff, post, wants):
    for name in ("handler", "head"):
        wants(staff[name])
    news([staff["handler"]], key="a")
    post.does = "refuse"
    deliver(NINE)
    assert states() == [("parked", 1)]
    post.does = "ok"
    news([staff["head"]], key="b")
    assert deliver(NINE) == 1


def test_what_was_taken_but_not_confirmed_comes_twice_under_one_id(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    news([staff["handler"]])
    post.does = "break"
    deliver(NINE)
    post.does = "ok"
    assert deliver(NINE + timedelta(minutes=1)) == 1
    assert len(post.got) == 2
    assert len({letter["Message-ID"] for letter in post.got}) == 1


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_sender_killed_between_sending_and_marking_sends_again_after_its_lease(
    app, engine, at, staff, post, wants, monkeypatch
):
    wants(staff["handler"])
    news([staff["handler"]])
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_end", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            deliver(NINE)
    assert deliver(NINE + timedelta(seconds=59)) == 0
    assert deliver(NINE + timedelta(seconds=60)) == 1
    assert len({letter["Message-ID"] for letter in post.got}) == 1
    assert len(post.got) == 2


def test_two_workers_send_each_row_once(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    for number in range(20):
        news([staff["handler"]], key=f"k{number}")
    sent: list[int] = []

    def work() -> None:
        with app.app_context():
            sent.append(deliver(NINE))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 20
    assert len({letter["Message-ID"] for letter in post.got}) == len(post.got) == 20


def test_a_hanging_receiver_delays_no_other_and_no_heartbeat(app, at, staff, post, wants, robot, chat):
    robot()
    wants(staff["handler"])
    post.does = "hang"
    for number in range(5):
        news([staff["handler"]], key=f"k{number}")
    sender, began = Deliverer(app), clock.monotonic()
    sender.look()
    Worker().tick(NINE)
    while len(chat.got) < 5 and clock.monotonic() - began < 5:
        time.sleep(0.01)
    assert len(chat.got) == 5
    assert clock.monotonic() - began < 5
    for thread in sender.busy.values():
        thread.join(3)
    assert states()[0] == ("waiting", 1)
    sender.look()  # the mail server rests; its other rows were not touched
    assert not [t for t in sender.busy.values() if t.is_alive()]
    assert states()[1:] == [("waiting", 0)] * 4


@pytest.mark.slow
def test_a_receiver_that_trickles_is_cut_off(app, at, staff, post, wants, robot, chat):
    robot()
    wants(staff["handler"])
    post.does = chat.does = "trickle"
    news([staff["handler"]])
    began = clock.monotonic()
    assert deliver(NINE) == 0
    assert 2 < clock.monotonic() - began < 10
    assert states() == states("robot") == [("waiting", 1)]


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_robot_speaks_its_service_and_says_number_and_link_alone(app, at, staff, chat, robot, kind):
    robot(kind, locale="en")
    news([staff["handler"]], kind="due", clock="result", due=1763949600)
    assert deliver(NINE) == 1
    ((path, said),) = chat.got
    text = said["content"]["text"] if kind == "feishu" else said["text"]["content"]
    plain = {"msgtype": "text", "text": {"content": text}}
    assert path == f"/{kind}"
    assert said == ({"msg_type": "text", "content": {"text": text}} if kind == "feishu" else plain)
    assert "RQ20261124-0001 P2" in text
    assert "https://portal.example.com/cases/RQ20261124-0001" in text
    assert f"N{rows('robot')[0].id}" in text
    assert "王芳" not in text


@pytest.mark.parametrize(
    ("does", "said"),
    [("refuse", "93000 invalid key"), ("busy", "HTTP 503"), ("redirect", "HTTP 302"), ("wrong", "not understood"),
     ("hang", "TimeoutError"), ("break", "RemoteDisconnected")],
)  # fmt: skip
def test_a_robot_that_does_not_take_it_is_tried_again(app, at, staff, chat, robot, does, said):
    robot()
    news([staff["handler"]])
    chat.does = does
    assert deliver(NINE) == 0
    (row,) = rows("robot")
    assert (row.state, row.attempts) == ("waiting", 1)
    assert said in row.said
    chat.does = "ok"
    assert deliver(NINE + timedelta(minutes=1)) == 1


def test_the_departments_own_robot_comes_before_the_common_one(app, at, staff, chat, robot):
    robot("wecom")
    own = robot("feishu", staff["handler"].unit_id)
    news([staff["handler"], staff["agent"]])
    deliver(NINE)
    assert sorted(path for path, _ in chat.got) == ["/feishu", "/wecom"]
    assert own in {row.robot_id for row in rows("robot")}


def test_an_exercise_and_a_demo_tell_nobody_outside(app, at, staff, post, wants, chat, robot):
    robot()
    wants(staff["handler"])
    news([staff["handler"]], exercise=True)
    assert rows() == rows("robot") == []
    news([staff["handler"]], key="real")
    with transaction():
        set_fact("demo", "1")
    assert deliver(NINE) == 0
    assert [(row.state, row.said) for row in rows() + rows("robot")] == [("dropped", "demo")] * 2


def test_what_was_read_or_is_over_is_not_mailed(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    news([staff["handler"]], key="a")
    with transaction():
        tell.mark_read(staff["handler"].id, NINE)
    with transaction():
        judged_case(staff["agent"], staff["supervisor"])
    stopped = db.session.scalars(select(Clock.id).where(Clock.outcome == "met")).first()
    news([staff["handler"]], kind="due", key=f"clock:{stopped}:2")
    assert deliver(NINE) == 0
    assert [row.said for row in rows()] == ["read", "over"]


def test_a_poisoned_row_is_parked_and_stops_no_other(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    news([staff["handler"]], key="bad", due="no instant")
    news([staff["handler"]], key="good")
    assert deliver(NINE) == 1
    now = NINE
    for wait in BACK_OFF:
        now += timedelta(seconds=wait)
        deliver(now)
    assert states() == [("parked", 5), ("sent", 0)]


def test_quiet_hours_hold_back_what_is_not_urgent(app, engine, at, staff, post, wants):
    wants(staff["handler"])
    news([staff["handler"]], key="a")
    news([staff["handler"]], kind="due", key="b", level="P1")
    night = NINE + timedelta(hours=13)  # 22:00 in Shanghai
    assert deliver(night) == 1
    assert "P1" in str(post.got[0]["Subject"])
    assert deliver(NINE + timedelta(hours=22, minutes=59)) == 0
    assert deliver(NINE + timedelta(hours=23)) == 1


def test_the_daily_digest_says_once_what_is_unread(app, engine, at, staff, post, wants):
    wants(staff["handler"], assigned=["daily"])
    for number in range(3):
        news([staff["handler"]], key=f"k{number}")
    assert len(rows()) == 1
    assert deliver(NINE + timedelta(hours=23)) == 0
    assert deliver(NINE + timedelta(hours=23, minutes=30)) == 1
    assert post.got[0].get_content().count("RQ20261124-0001") == 3


def test_a_digest_with_nothing_to_say_is_not_sent(app, at, staff, post, wants):
    wants(staff["handler"], assigned=["daily"])
    news([staff["handler"]])
    with transaction():
        tell.mark_read(staff["handler"].id, NINE)
    assert deliver(NINE + timedelta(days=1)) == 0
    assert [(row.state, row.said) for row in rows()] == [("dropped", "read")]


def test_what_is_told_late_says_so(app, at, staff, post, wants):
    wants(staff["handler"])
    with transaction():
        tell.tell([staff["handler"].id], "due", subject="case:1", key="k", facts={"no": "RQ1"}, now=NINE,
                  late_seconds=7260)  # fmt: skip
    assert deliver(NINE) == 1
    assert "2 小时 01 分" in post.got[0].get_content()


def test_nothing_is_sent_inside_a_transaction(app, at, staff, post, wants, monkeypatch):
    wants(staff["handler"])
    news([staff["handler"]])
    seen = []
    handed = delivery.ways.post_mail

    def watch(*args):
        with transaction():  # would refuse to open inside another
            seen.append(1)
        handed(*args)

    monkeypatch.setattr(delivery.ways, "post_mail", watch)
    assert deliver(NINE) == 1
    assert seen == [1]


def test_without_a_mail_server_nothing_waits_for_one(app, at, staff, wants):
    wants(staff["handler"])
    news([staff["handler"]])
    assert rows() == []


GOOD = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (GOOD, None), ("https://oapi.dingtalk.com/robot/send?access_token=1", "robot_host_unknown"),
        ("http://qyapi.weixin.qq.com/x", "robot_address_https"),
        ("https://169.254.169.254/latest", "robot_host_unknown"),
        ("https://qyapi.weixin.qq.com.evil.example/x", "robot_host_unknown"),
        ("http://127.0.0.1:80/", "robot_address_https"),
        ("https://user@qyapi.weixin.qq.com/x", "robot_address_bad"), ("file:///etc/passwd", "robot_address_bad"),
        ("https://qyapi.weixin.qq.com:22/", "robot_host_unknown"), ("https://gate.example.com/x", None),
        ("https://[::1", "robot_address_bad"), ("", "robot_address_bad"), ("http://127.0.0.1:8099/x", None),
    ],
)  # fmt: skip
def test_only_the_services_own_hosts_and_named_ones_are_called(address, code):
    named = ("gate.example.com", "127.0.0.1:8099")
    if code is None:
        check_address("wecom", address, named)
    else:
        with pytest.raises(Invalid) as refused:
            check_address("wecom", address, named)
        assert refused.value.code == code


def test_a_robot_whose_host_is_no_longer_named_is_not_called(app, at, staff, chat, robot):
    robot()
    news([staff["handler"]])
    app.config["PORTAL"] = replace(app.config["PORTAL"], robot_hosts=())
    assert deliver(NINE) == 0
    assert chat.got == []
    assert rows("robot")[0].said == "robot_address_https"


def test_a_removed_robot_leaves_nothing_waiting(app, at, staff, chat, robot):
    robot()
    news([staff["handler"]])
    with transaction():
        db.session.delete(db.session.scalars(select(Robot)).one())
    deliver(NINE)
    assert [(row.state, row.said) for row in rows("robot")] == [("dropped", "no_robot")]


def test_another_receiver_is_another_port():
    with receiving("mail") as one, receiving("mail") as two:
        assert one.port != two.port


def test_robots_sign_as_their_services_say(app, at, staff, chat, robot):
    """The values were made with openssl: dingtalk signs the time with the secret, feishu nothing with both."""
    when = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    address, body = signed("dingtalk", "https://x/send?access_token=1", {"a": 1}, "SECabc", when)
    assert address == f"https://x/send?access_token=1&timestamp=1795482000000&sign={DINGTALK}"
    assert body == {"a": 1}
    address, body = signed("feishu", "https://x/hook", {"a": 1}, "abc", when)
    assert (address, body) == ("https://x/hook", {"timestamp": "1795482000", "sign": FEISHU, "a": 1})
    assert signed("wecom", "https://x", {}, "abc", when) == ("https://x", {})
    number = robot("feishu")
    with transaction():
        db.session.get_one(Robot, number).secret = "abc"
    news([staff["handler"]])
    assert deliver(NINE) == 1
    ((_path, said),) = chat.got
    assert (said["timestamp"], said["sign"]) == ("1795482000", FEISHU)


def test_a_robot_says_no_more_a_minute_than_its_service_takes(app, engine, at, staff, chat, robot):
    robot("wecom")
    for n in range(23):
        news([staff["handler"]], key=f"k{n}")
    assert deliver(NINE) == 20
    assert deliver(NINE + timedelta(seconds=59)) == 0
    assert deliver(NINE + timedelta(seconds=60)) == 3
    assert {state for state, _tries in states("robot")} == {"sent"}


def test_who_is_called_out_and_cannot_be_mailed_is_passed_over_at_once(app, engine, at, staff, post, wants, signed_in):
    wants(staff["head"])
    with transaction():
        incident = declared(staff)
    assert pass_calls(NINE) == 0
    post.does = "refuse"
    deliver(NINE)
    assert pass_calls(NINE + MINUTE) == 1  # the plan would have waited ten
    assert pass_calls(NINE + MINUTE) == 0
    db.session.expire_all()
    here = queries.incident_by_id(incident.id)
    assert here.held["technical"].person != staff["head"].name
    assert_replay_is_the_row(here)
    board = signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    assert "邮件被拒收，请电话联系" in board
    assert "无法送达" in board
