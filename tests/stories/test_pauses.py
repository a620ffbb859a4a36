"""SL4: a pause has a reason on the list, a cap, and an end; a pause while late cures nothing."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.incidents import actions as command
from portal.incidents import force_majeure_actions as majeure
from portal.incidents import telling
from portal.jobs import pauses
from portal.jobs.pauses import end_pauses
from portal.jobs.selfcheck import check
from portal.journal import stream
from portal.kernel.db import db, read, transaction
from portal.kernel.errors import Forbidden, Invalid
from tests.builders import NINE, judged_case
from tests.incidents.builders import WHY, declared, ended, reported, settled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def waiting(staff, when=NINE + HOUR):
    case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
    together.claim(staff["handler"], NINE, case)
    cases.contact(
        staff["handler"], NINE + HOUR / 2, case, direction="out", means="phone", reached=True, words="请客户提供照片"
    )
    together.pause(staff["handler"], when, case, reason="customer", words="等客户照片")
    return case


def result(case):
    return next(c for c in clocks_of(case.id) if c.kind == "result")


def test_a_pause_for_the_customer_ends_at_its_cap_of_five_working_days(app, engine, at, staff):
    with transaction():
        number = waiting(staff).id
    until = NINE + 7 * DAY + 9 * HOUR  # Tuesday after, 18:00, the fifth working day
    assert end_pauses(until) == 0
    assert end_pauses(until + timedelta(seconds=1)) == 1
    assert end_pauses(until + HOUR) == 0
    case = db.session.get_one(Case, number, populate_existing=True)
    assert (case.paused, case.state) == ("", "in_work")
    last = stream.read(case.stream)[-1]
    assert (last.kind, last.facts["code"]) == ("Resumed", "cap")


def test_a_pause_begun_late_cures_nothing(app, engine, at, staff):
    with transaction():
        case = waiting(staff, when=NINE + 25 * HOUR)
        due = result(case).due_at
        together.resume(staff["handler"], NINE + 30 * HOUR, case, why="客户已回复")
    assert (result(case).due_at, due) == (NINE + 24 * HOUR, NINE + 24 * HOUR)


def linked(staff, incident, **changes):
    """A case in work that belongs to the incident."""
    case = judged_case(
        staff["agent"], staff["supervisor"], **({"level": "P2", "channel": "email", "unit": "tech"} | changes)
    )
    together.claim(staff["handler"], NINE, case)
    cases.link(staff["supervisor"], NINE, case, incident_id=incident.id, incident_no=incident.no, title=incident.title)
    return case


def refused_at(code, act, *args, **facts):
    """The action is refused with this code, at the field of the reason."""
    with pytest.raises(Invalid, match=code) as caught:
        act(*args, **facts)
    assert caught.value.facts["field"] == "reason"


def test_force_majeure_is_the_supervisors_and_ends_with_the_incident(app, engine, at, staff):
    with transaction():
        incident = settled(staff, kind="disaster")
        case = linked(staff, incident)
        due = result(case).due_at
        refused_at("supervisor_pauses", majeure.stop_one, staff["handler"], NINE + HOUR, case, reason="台风停电")
        refused_at(
            "choose_pause", together.pause, staff["supervisor"], NINE + HOUR, case, reason="force_majeure", words="台风"
        )
        majeure.stop_one(staff["supervisor"], NINE + HOUR, case, reason="台风停电")
        number = case.id
    assert end_pauses(NINE + 2 * DAY) == 0
    with transaction():
        command.end(staff["commander"], NINE + 2 * DAY, incident, statement="供电恢复，业务正常", why=WHY)
    case = db.session.get_one(Case, number, populate_existing=True)
    assert (case.paused, case.pause_until) == ("", None)  # with the end itself, not with the worker's next look
    assert result(case).due_at == due + 2 * DAY - HOUR
    assert end_pauses(NINE + 3 * DAY) == 0
    assert check(NINE + 3 * DAY).differences == []


@pytest.mark.parametrize("kind", ["hotline", "staff", "opinion", "complaint", "mass"])
def test_other_classes_are_no_force_majeure(app, at, staff, kind):
    with transaction():
        incident = declared(staff, kind=kind)
        case = linked(staff, incident)
        refused_at("no_force_majeure", majeure.stop_one, staff["supervisor"], NINE + HOUR, case, reason="停机")
        refused_at(
            "no_force_majeure", majeure.stop_clocks, staff["supervisor"], NINE, incident, numbers=[case.no], reason="停"
        )


def test_only_a_declared_and_running_incident_is_a_ground(app, at, staff):
    with transaction():
        early = linked(staff, reported(staff["agent"], kind="system"))
        late = linked(staff, ended(staff, kind="system"))
        alone = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        for case, code in ((early, "no_force_majeure"), (late, "no_force_majeure"), (alone, "incident_first")):
            refused_at(code, majeure.stop_one, staff["supervisor"], NINE + 2 * HOUR, case, reason="停机")


def test_a_list_of_cases_stops_in_one_step_with_an_answer_for_each(app, engine, at, staff):
    with transaction():
        incident = settled(staff, kind="system")
        good = [linked(staff, incident) for _ in range(2)]
        urgent, waits = linked(staff, incident, level="P1"), waiting(staff, when=NINE + HOUR)
        stranger = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        numbers = [c.no for c in (*good, urgent, stranger, waits)]
        with pytest.raises(Forbidden):
            majeure.stop_clocks(staff["head"], NINE + HOUR, incident, numbers=numbers, reason="系统停机")
        found = majeure.stop_clocks(staff["supervisor"], NINE + HOUR, incident, numbers=numbers, reason="系统停机")
        codes = [o.refused.code if o.refused else "" for o in found]
        assert codes == ["", "", "p1_never_pauses", "not_linked", "not_linked"]
        again = majeure.stop_clocks(staff["supervisor"], NINE + HOUR, incident, numbers=numbers, reason="系统停机")
        assert all(o.refused for o in again)
        assert [c.paused for c in (*good, urgent)] == ["force_majeure", "force_majeure", ""]
        line = stream.read(incident.stream)[-1]
        assert (line.kind, line.facts["cases"]) == ("ClocksStopped", [c.no for c in good])
    with transaction():  # a case that leaves the incident loses the ground of its pause
        telling.unlink_case(staff["supervisor"], NINE + 2 * HOUR, incident, number=good[0].no, reason="另有原因")
        assert (good[0].paused, good[1].paused) == ("", "force_majeure")
    assert end_pauses(NINE + 3 * HOUR) == 0
    assert check(NINE + 3 * HOUR).differences == []


def test_the_supervisor_sees_what_would_stop_and_then_what_did(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff, kind="system")
        good, urgent = linked(staff, incident), linked(staff, incident, level="P1")
        numbers, way = [good.no, urgent.no], f"/incidents/{incident.no}/force-majeure"
    browser = signed_in(staff["supervisor"])
    assert way in browser.get(f"/incidents/{incident.no}").text
    page = browser.get(way).text
    assert f'value="{numbers[0]}"' in page
    assert f'value="{numbers[1]}"' not in page  # P1 clocks never pause: nothing to tick
    empty = browser.post(way, data={"cases": numbers[:1], "reason": ""})
    assert empty.status_code == 422
    assert f'value="{numbers[0]}" aria-label="{numbers[0]}" checked' in empty.text
    none = browser.post(way, data={"reason": "系统停机"})
    assert (none.status_code, "系统停机" in none.text) == (422, True)
    assert "请至少勾选一个工单" in none.text
    done = browser.post(way, data={"cases": numbers, "reason": "系统停机"})
    assert (done.status_code, "P1" in done.text) == (200, True)
    assert db.session.scalars(select(Case.paused).order_by(Case.id)).all() == ["force_majeure", ""]
    assert signed_in(staff["head"]).get(way).status_code == 403


def test_an_empty_round_over_a_thousand_waiting_cases_is_one_question(app, engine, at, staff, monkeypatch):
    with transaction():
        case = waiting(staff)
        names = [c.name for c in Case.__table__.columns if c.name not in ("id", "no")]
        listed = ", ".join(names)
        db.session.execute(
            text(
                f"INSERT INTO cases (no, {listed}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                f" WHERE i < 999) SELECT 'X' || i, {listed} FROM n, cases WHERE id = {case.id}"
            )
        )
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    monkeypatch.setattr(pauses, "read", lambda *facts: asked.append(facts[0]) or read(*facts))
    assert end_pauses(NINE + DAY) == 0
    assert asked == [pauses.OVER]
    if engine == "sqlite":
        plan = [row[3] for row in db.session.execute(text("EXPLAIN QUERY PLAN " + pauses.OVER), {"now": 1, "never": 2})]
        assert [line.partition("INDEX ")[2].split()[0] for line in plan if "cases" in line or " c " in line] == [
            "ix_cases_pause", "ix_cases_pause",
        ]  # fmt: skip


def test_a_pause_of_before_has_its_cap_counted_by_the_worker(app, at, staff):
    with transaction():
        case = waiting(staff)
        case.pause_until = 0  # as the migration leaves it
        number = case.id
    until = NINE + 7 * DAY + 9 * HOUR
    assert end_pauses(until) == 0
    assert end_pauses(until + timedelta(seconds=1)) == 1
    assert db.session.get_one(Case, number, populate_existing=True).pause_until is None


@pytest.mark.parametrize(
    ("reason", "said"), [("customer", "待客户"), ("third_party", "待第三方"), ("force_majeure", "不可抗力暂停")]
)
def test_the_state_is_worded_by_what_is_waited_for(app, at, staff, signed_in, reason, said):
    with transaction():
        if reason == "force_majeure":
            case = waiting(staff)
            together.resume(staff["handler"], NINE + HOUR, case, why="客户已回复")
            incident = declared(staff, kind="disaster")
            telling.link_cases(staff["supervisor"], NINE + HOUR, incident, numbers=[case.no])
            majeure.stop_one(staff["supervisor"], NINE + HOUR, case, reason="台风")
        else:
            case = waiting(staff)
            together.resume(staff["handler"], NINE + HOUR, case, why="客户已回复")
            together.pause(staff["handler"], NINE + HOUR, case, reason=reason, words="等待中")
    at(hours=2)
    browser = signed_in(staff["handler"])
    for address in (f"/cases/{case.no}", "/queues/tech", "/queues/mine"):
        assert re.search(rf'class="pill[^"]*">\s*{said}', browser.get(address).text), address
