"""IN7, QA2: calls of the telephone system come in once, and the hotline's figures are counted from them."""

import threading
import time
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.api import routes
from portal.api.command import token
from portal.identity.actor import SYSTEM
from portal.intake import busy_actions
from portal.intake.models import BusyPeriod, Call
from portal.intake.voicemail_actions import set_hotline
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local
from portal.reports import periods
from portal.reports.metrics import lines, room
from portal.reports.metrics.definitions import KPIS
from tests.builders import NINE


@pytest.fixture
def bearer(app, at) -> dict[str, str]:
    routes._seen.clear()
    with transaction():
        set_hotline(SYSTEM, NINE, code="10000", name="客户服务热线", calendar="always")
    made = CliRunner().invoke(token, ["add", "话务平台"])
    return {"Authorization": f"Bearer {made.output.strip()}"}


def call(n: int, wait: int, talk: int | None = None, **more) -> dict:
    """A call that waited so many seconds; `talk` None: nobody answered."""
    offered = NINE - timedelta(hours=1) + timedelta(minutes=n)
    ended = offered + timedelta(seconds=wait + (talk or 0))
    answered = None if talk is None else (offered + timedelta(seconds=wait)).isoformat()
    return {
        "key": f"c{n}", "hotline": "10000", "offered": offered.isoformat(), "answered": answered,
        "ended": ended.isoformat(), **more,
    }  # fmt: skip


CALLS = [
    call(1, 5, 100, after=20), call(2, 20, 200, hold=30, handed=True), call(3, 21, 60), call(4, 40, 120, after=40),
    call(5, 30), call(6, 4), call(7, 6),
]  # fmt: skip


def figures():
    now = NINE + timedelta(hours=1)
    return room.figures(periods.period("2026-11-24", now, local(now).tzinfo))


def test_service_level_answer_rate_and_lengths_by_hand(app, engine, bearer, staff, signed_in):
    assert {figures()[code].missing for code in ("service_level", "asa")} == {"no_calls"}
    answer = app.test_client().post("/api/v1/calls", headers=bearer, json={"calls": CALLS})
    assert (answer.status_code, answer.json) == (201, {"new": 7, "known": 0})
    again = app.test_client().post("/api/v1/calls", headers=bearer, json={"calls": CALLS[:2]})
    assert (again.status_code, again.json) == (200, {"new": 0, "known": 2})
    found = figures()
    parts = {
        code: (found[code].numerator, found[code].denominator)
        for code in ("service_level", "answer_rate", "abandon", "call_transfer")
    }
    assert parts == {  # two abandoned after more than 5 s, one hung up at once
        "service_level": (2, 6), "answer_rate": (4, 7), "abandon": (2, 7), "call_transfer": (1, 4),
    }  # fmt: skip
    assert found["asa"].value == 21.5  # (5 + 20 + 21 + 40) / 4
    assert found["aht"].value == 135.0  # (120 + 200 + 60 + 160) / 4
    assert [(found[code].median, found[code].p90) for code in ("asa", "aht")] == [(20, 40), (120, 200)]
    assert "中位数 20 秒" in lines.line(KPIS["asa"], found["asa"]).parts
    page = signed_in(staff["quality"]).get("/reports/figures/calls?period=2026-11-24").text
    assert page.count('<th scope="row" class="nowrap">') == 7
    table = signed_in(staff["quality"]).get("/reports/behind/calls.csv?period=2026-11-24").text.strip().splitlines()
    assert len(table) == 8
    assert sum("20" in line.split(",")[2] for line in table[1:]) >= 1
    assert signed_in(staff["quality"]).get("/reports/behind/calls.xlsx?period=2026-11-24").data[:2] == b"PK"
    assert "/reports/figures/calls?period=2026-11" in signed_in(staff["quality"]).get("/reports/boards/hotline").text


@pytest.mark.parametrize(
    "bad",
    [
        {"key": ""}, {"hotline": "x"}, {"offered": "soon"}, {"ended": "2026-11-24T07:00"},
        {"answered": "2026-11-25T09:00"},
        {"hold": -1}, {"after": "5"}, {"handed": "yes"}, {"offered": "2027-01-01T00:00", "ended": "2027-01-01T00:01"},
    ],
)  # fmt: skip
def test_an_unusable_call_refuses_all(app, bearer, bad):
    rows = [call(1, 5, 60), call(2, 5, 60) | bad]
    assert app.test_client().post("/api/v1/calls", headers=bearer, json={"calls": rows}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Call)) == 0


def test_a_list_that_is_none_and_a_token_for_figures_are_refused(app, bearer):
    for body in ({}, {"calls": []}, {"calls": "x"}, {"calls": [call(1, 1)] * 501}):
        assert app.test_client().post("/api/v1/calls", headers=bearer, json=body).status_code == 422
    made = CliRunner().invoke(token, ["add", "驾驶舱", "--figures"])
    reader = {"Authorization": f"Bearer {made.output.strip()}"}
    assert app.test_client().post("/api/v1/calls", headers=reader, json={"calls": CALLS}).status_code == 403
    assert app.test_client().get("/api/v1/figures", headers=bearer).status_code == 403
    assert app.test_client().get("/api/v1/figures?period=2026-11", headers=reader).status_code == 200


def test_a_busy_period_is_declared_and_a_call_typed(app, engine, bearer, staff, signed_in):
    app.test_client().post("/api/v1/calls", headers=bearer, json={"calls": CALLS})
    supervisor = signed_in(staff["supervisor"])
    assert (figures()["busy_level"].numerator, figures()["busy_level"].denominator) == (0, 0)
    period = {"busy-hotline": "10000", "busy-begin": "2026-11-24 08:03", "busy-end": "2026-11-24 08:06",
              "busy-words": "促销短信后来电激增"}  # fmt: skip
    for wrong in ({"busy-end": "2026-11-24 08:01"}, {"busy-begin": "nie"}, {"busy-words": ""}):
        refused = supervisor.post("/calls/busy", data=period | wrong)
        assert refused.status_code == 422
        assert 'id="busy-errors"' in refused.text
    assert signed_in(staff["agent"]).post("/calls/busy", data=period).status_code == 403
    for _ in range(2):  # a double post
        assert supervisor.post("/calls/busy", data=period).status_code == 303
    assert "促销短信后来电激增" in supervisor.get("/calls").text
    assert (figures()["busy_level"].numerator, figures()["busy_level"].denominator) == (2, 3)  # c3, c4 of c3 to c5
    typed = {"call-key": "k1", "call-hotline": "10000", "call-offered": "2026-11-24 08:05:30", "call-wait": "70",
             "call-talk": "60"}  # fmt: skip
    assert supervisor.post("/calls", data=typed | {"call-wait": "bald"}).status_code == 422
    for _ in range(2):
        assert supervisor.post("/calls", data=typed).status_code == 303
    assert (figures()["busy_level"].numerator, figures()["busy_level"].denominator) == (2, 4)
    assert supervisor.get("/calls").text.split('id="typed"')[1].count(staff["supervisor"].name) == 1
    lines = stream.read("hotlines")
    assert [(line.kind, line.by_id) for line in lines] == [
        ("BusyDeclared", staff["supervisor"].id), ("CallTyped", staff["supervisor"].id),
    ]  # fmt: skip
    assert supervisor.post("/calls/busy/1/back").status_code == 303
    assert figures()["busy_level"].denominator == 0


def test_of_two_busy_periods_declared_at_once_that_overlap_one_is_kept(app, engine, bearer, staff):
    """Each on a connection of its own; PostgreSQL lets both write at once."""
    start, outcomes = threading.Barrier(2), []

    def declare(minute: int) -> None:
        begin = NINE - timedelta(minutes=minute)
        with app.app_context():
            start.wait(10)
            try:
                with transaction():
                    busy_actions.declare_busy(
                        staff["supervisor"], NINE, hotline="10000", begin=begin, end=NINE, words="线路繁忙"
                    )
                    time.sleep(0.2)  # the other one looks while this one is not committed yet
                outcomes.append("kept")
            except Invalid as refused:
                outcomes.append(refused.code)

    threads = [threading.Thread(target=declare, args=(minute,)) for minute in (10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["busy_overlaps", "kept"]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(BusyPeriod)) == 1
