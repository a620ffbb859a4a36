"""EM1-EM4, EM6, EM7: an incident is reported, declared, led, told of, linked to cases and ended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.models import Case
from portal.identity import queries as people
from portal.incidents import actions, calling_actions, plans, queries, telling
from portal.incidents.apply import apply
from portal.incidents.events import from_facts
from portal.incidents.models import (
    Incident,
    IncidentBack,
    IncidentCall,
    IncidentMeasure,
    IncidentMilestone,
    IncidentRole,
    IncidentTask,
)
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from portal.notices.models import Notice
from tests.builders import NINE, make_case
from tests.incidents.builders import WHY, declared, ended, reported, settled

HALF, HOUR = timedelta(minutes=30), timedelta(hours=1)


def rows(model, things, but):
    names = [c for c in list(model.__table__.columns.keys()) if c not in but]
    return [tuple(getattr(thing, name) for name in names) for thing in things]


def assert_replay_is_the_row(incident):
    again = Incident()
    for line in stream.read(incident.stream):
        apply(again, from_facts(line.kind, line.facts), line.at, line.by_id)
    assert rows(Incident, [again], {"id", "version"}) == rows(Incident, [incident], {"id", "version"})
    for model, name in (
        (IncidentRole, "roles"),
        (IncidentTask, "tasks"),
        (IncidentMilestone, "milestones"),
        (IncidentBack, "back"),
        (IncidentMeasure, "measures"),
        (IncidentCall, "calls"),
    ):
        but = {"id", "incident_id"}
        assert rows(model, getattr(again, name), but) == rows(model, getattr(incident, name), but)


def told(kind):
    return set(db.session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


def test_an_incident_goes_the_whole_way_and_its_journal_rebuilds_it(app, engine, at, staff):
    with transaction():
        incident = reported(staff["agent"], affected=1200)
    assert (incident.no, incident.state, incident.proposed_grade) == ("INC-2026-001", "reported", "major")
    assert {staff[r].id for r in ("commander", "watch", "supervisor")} == told("incident_reported")
    roles = {"commander": staff["commander"].id, "technical": staff["head"].id}
    with transaction():
        actions.declare(staff["watch"], NINE, incident, kind="hotline", grade="major", roles=roles)
    assert incident.state == "active"
    assert incident.next_report_at == NINE + HOUR
    assert len(incident.tasks) == len(plans.latest().tasks_from("hotline", "major"))
    owners = {t.role: t.owner for t in incident.tasks}
    assert owners["technical"] == "刘洋"
    assert owners["service"] == "赵志远"  # nobody holds the role yet: the commander does
    assert staff["commander"].id in told("incident_role")
    assert staff["service_head"].id in told("incident_declared")
    people, now = staff, NINE + timedelta(minutes=10)
    with transaction():
        case = make_case(people["agent"])
        actions.assign_role(people["commander"], now, incident, role="service", person_id=people["service_head"].id)
        actions.acknowledge(people["service_head"], now, incident, role="service")
        actions.add_task(
            people["commander"], now, incident, title="联系厂商", kind="remote", role="technical",
            owner_id=people["handler"].id, due=now + HALF,
        )  # fmt: skip
        actions.complete_task(people["handler"], now, incident, n=incident.tasks[-1].n, evidence="板卡已到")
        telling.enter(people["responder"], now, incident, kind="decision", text="切换备用网关", reason="原厂需 3 小时")
        number = incident.version
        telling.correct(people["responder"], now, incident, n=number, text="切换到二号备用网关")
        telling.report_situation(people["responder"], now, incident, text="正在切换", next_report=now + HALF)
        n = telling.draft_announcement(
            people["responder"], now, incident, text="热线暂不可用，请用 APP", channels="官网",
            recovery=now + HOUR, next_news=now + HALF,
        )  # fmt: skip
        telling.publish_announcement(people["commander"], now, incident, n=n)
        telling.estimate_affected(people["responder"], now, incident, count=1500, basis="话务平台")
        actions.change_grade(people["commander"], now, incident, grade="severe", reason="范围扩大")
        telling.link_cases(people["agent"], now, incident, numbers=[case.no])
    assert incident.said["text"] == "热线暂不可用，请用 APP"
    assert case.incident_id == incident.id
    assert queries.linked_counts(incident.id) == (1, 1)
    with pytest.raises(Refused) as refused, transaction():
        actions.end(people["commander"], now, incident, statement="已恢复", why=WHY)
    assert refused.value.code == "criteria_open"
    assert "备用渠道畅通" in refused.value.facts["criteria"]
    incident = queries.incident_by_no(people["commander"], incident.no)
    with transaction():
        for criterion in incident.criteria[:-1]:
            telling.settle_criterion(people["responder"], now, incident, code=criterion["code"], how="实测")
        last = incident.criteria[-1]["code"]
        telling.settle_criterion(people["commander"], now, incident, code=last, how="无积压", waived=True)
        actions.propose_end(people["responder"], now, incident, reason="连续 30 分钟正常")
        n = telling.draft_announcement(
            people["responder"], now, incident, text="热线已恢复", channels="官网", restored=True
        )
        telling.publish_announcement(people["commander"], now, incident, n=n)
        actions.end(
            people["commander"],
            NINE + HOUR,
            incident,
            statement="热线恢复，原因为板卡损坏",
            why=WHY,
        )
    assert (incident.state, incident.outcome, incident.ended_at) == ("ended", "ended", NINE + HOUR)
    assert staff["supervisor"].id in told("incident_ended")
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert_replay_is_the_row(stored)
    assert stream.faults([stored.stream]) == []


def test_another_grade_than_the_proposed_one_needs_a_reason(app, at, staff):
    with transaction():
        incident = reported(staff["agent"], extent="mass")
    roles = {"commander": staff["commander"].id}
    with pytest.raises(Invalid) as refused, transaction():
        actions.declare(staff["commander"], NINE, incident, kind="hotline", grade="minor", roles=roles)
    assert refused.value.code == "grade_reason"


def test_command_is_handed_over_once_it_is_accepted_and_one_commander_remains(app, engine, at, staff):
    from tests.builders import make_person

    with transaction():
        second = make_person(role="commander", unit="hq", name="钱伟", everywhere=True)
        incident = declared(staff)
    with pytest.raises(Invalid), transaction():
        actions.assign_role(staff["commander"], NINE, incident, role="commander", person_id=second.id)
    with transaction():
        actions.assign_role(
            staff["commander"], NINE + HOUR, incident, role="commander", person_id=second.id, handover="板卡在途"
        )
    assert incident.commander == "赵志远"  # until it is accepted the old one stays
    incoming = people.actor_by_login(second.login)
    with transaction():
        calling_actions.answer_offer(incoming, NINE + HOUR, queries.incident_by_id(incident.id), accepted=True)
    held = [r for r in incident.roles if r.role == "commander"]
    assert [(r.person, r.until_at) for r in held] == [("赵志远", NINE + HOUR), ("钱伟", None)]
    assert incident.commander == "钱伟"
    with pytest.raises(Forbidden), transaction():
        actions.end(staff["commander"], NINE + HOUR, incident, statement="结束", why=WHY)


def test_open_tasks_go_with_the_role_to_its_new_holder(app, engine, at, staff):
    def owners(role):
        return {t.owner for t in incident.tasks if t.role == role and not t.done_at}

    with transaction():
        incident = declared(staff)
        assert owners("logistics") == {"赵志远"}  # nobody holds the role: the commander stands in
        actions.assign_role(staff["commander"], NINE, incident, role="logistics", person_id=staff["handler"].id)
        done = next(t for t in incident.tasks if t.role == "technical")
        actions.complete_task(staff["head"], NINE, incident, n=done.n, evidence="到场")
        kept = next(t for t in incident.tasks if t.role == "service")
        actions.move_task(staff["commander"], NINE, incident, n=kept.n, owner_id=staff["agent"].id)
        actions.assign_role(staff["watch"], NINE, incident, role="service", person_id=staff["responder"].id)
        actions.assign_role(staff["watch"], NINE, incident, role="technical", person_id=staff["business"].id)
    assert owners("logistics") == {"陈浩"}
    assert owners("service") == {"李敏", "马晓东"}  # what was given to a person by name stays with that person
    assert done.owner == "刘洋"
    assert staff["agent"].id in told("incident_task")
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_only_the_commander_of_the_incident_ends_it(app, at, staff):
    with transaction():
        incident = settled(staff)
    for role in ("agent", "supervisor", "watch", "responder", "head", "auditor"):
        with pytest.raises(Forbidden), transaction():
            actions.end(staff[role], NINE, incident, statement="结束", why=WHY)


def test_a_report_that_was_no_emergency_ends_with_its_reason(app, at, staff):
    with transaction():
        incident = reported(staff["agent"])
        actions.dismiss(staff["watch"], NINE, incident, reason="仅一个分机占线")
    assert (incident.state, incident.outcome) == ("ended", "dismissed")
    assert_replay_is_the_row(incident)


def test_cases_and_exercises_are_kept_apart(app, at, staff):
    with transaction():
        drill = reported(staff["watch"], exercise=True)
        case = make_case(staff["agent"])
    with pytest.raises(Refused) as refused, transaction():
        telling.link_cases(staff["watch"], NINE, drill, numbers=[case.no])
    assert refused.value.code == "exercise_apart"
    with pytest.raises(Forbidden), transaction():
        reported(staff["agent"], exercise=True)


def test_several_cases_are_linked_at_once_all_or_none_and_a_link_can_be_taken_back(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
        first, second = make_case(staff["agent"]), make_case(staff["agent"], contact="13900000001")
    with pytest.raises(Invalid), transaction():
        telling.link_cases(staff["agent"], NINE, incident, numbers=[first.no, "CS2611-9999"])
    assert queries.linked_counts(incident.id) == (0, 0)
    with transaction():
        here = queries.incident_to_change(staff["agent"], "INC-2026-001")
        telling.link_cases(staff["agent"], NINE, here, numbers=[first.no.lower(), second.no])
        telling.unlink_case(staff["agent"], NINE, here, number=second.no, reason="与热线无关")
    assert [c.no for c in queries.linked(incident.id)] == [first.no]
    kinds = [line.kind for line in stream.read(db.session.get_one(Case, second.id).stream)]
    assert kinds[-2:] == ["Linked", "Unlinked"]


def test_who_saw_an_older_version_is_refused(app, at, staff):
    with transaction():
        seen = declared(staff).version
        telling.enter(staff["responder"], NINE, queries.incident_by_id(1), kind="information", text="二号机房正常")
    with pytest.raises(Stale), transaction():
        queries.incident_to_change(staff["commander"], "INC-2026-001", seen)


def test_nothing_can_be_changed_after_the_end(app, at, staff):
    with transaction():
        incident = ended(staff)
    with pytest.raises(Refused) as refused, transaction():
        telling.enter(staff["responder"], NINE, incident, kind="information", text="补充")
    assert (refused.value.code, refused.value.status) == ("incident_ended", 409)
