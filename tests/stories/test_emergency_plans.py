"""EM2, EM8: plans are versions of the house, checked, reviewed by another; they learn and are evaluated yearly."""

import re
from datetime import timedelta

import pytest

from portal.incidents import (
    actions,
    plan_actions,
    plan_bases,
    plan_drafts,
    plan_lint,
    plan_queries,
    plans,
    queries,
    review_actions,
)
from portal.incidents.plan_data import PARTS, SCALES
from portal.incidents.plan_data import plan as read_plan
from portal.jobs.plans import remind_of_plans
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from tests.builders import NINE, make_person
from tests.incidents.builders import declared, ended, reported

DAY = timedelta(days=1)
STEP = {
    "code": "hotline.queue", "zh": "开启语音排队提示", "en": "Turn on the queue message", "role": "technical",
    "kind": "remote", "minutes": 5, "from": "major", "proof_zh": "录音", "proof_en": "Recording", "clause": "[H]",
    "clause_minutes": "[H]",
}  # fmt: skip


def with_step(data, **changes):
    return plan_drafts.with_row(data, "task", "hotline", STEP["code"], STEP | changes)


def in_force(staff, now=NINE, **changes):
    draft = plan_actions.open_draft(staff["watch"], now)
    plan_actions.write(staff["watch"], now, draft.version, draft.revision, lambda data: with_step(data, **changes))
    plan_actions.hand_in(staff["watch"], now, draft.version, "补一步")
    return plan_actions.approve(staff["commander"], now, draft.version)


def found(data, held=None):
    people = dict.fromkeys(("commander", "responder", "supervisor", "head", "handler"), 2)
    return {one.what for one in plan_lint.lint(data, people if held is None else held)}


def test_every_item_of_the_shipped_plans_cites_its_requirement_or_the_mark_of_the_house():
    data = plans.document(2)
    assert len(data["class"]) == 7
    assert found(data) == {"number_missing"}
    for holder in [data, *data["class"]]:
        for part in (*SCALES, *PARTS):
            for row in holder.get(part, []):
                for name in plan_bases.names(part):
                    assert re.search(r"\[H\]|\b(EM|IN|SL|RO)\d", row[name]), (row["code"], name)


@pytest.mark.parametrize(
    ("part", "place", "code", "change", "what"),
    [
        ("task", "hotline", "hotline.backup", {"from": "huge"}, "unreachable_grade"),
        ("task", "hotline", "hotline.backup", {"role": "pilot"}, "unreachable_role"),
        ("task", "hotline", "hotline.backup", {"clause": ""}, "clause_missing"),
        ("task", "hotline", "hotline.backup", {"clause_minutes": " "}, "basis_missing"),
        ("role", "all", "technical", {"clause": ""}, "clause_missing"),
        ("role", "all", "technical", {"clause_line": ""}, "basis_missing"),
        ("grade", "all", "minor", {"clause_report": ""}, "basis_missing"),
        ("grade", "all", "minor", {"clause_answer": ""}, "basis_missing"),
        ("grade", "all", "minor", {"clause_review": ""}, "basis_missing"),
        ("phone", "all", "watch", {"clause": ""}, "clause_missing"),
        ("message", "all", "first", {"clause": ""}, "clause_missing"),
        ("criterion", "all", "backlog", {"clause": ""}, "clause_missing"),
        ("task", "hotline", "hotline.backup", {"minutes": 0}, "minutes_bad"),
        ("task", "hotline", "hotline.backup", {"proof_en": ""}, "proof_missing"),
        ("message", "all", "first", {"text_zh": "预计 {何时} 恢复"}, "place_unknown"),
        ("role", "all", "technical", {"line": ["head", "head"]}, "unreachable_step"),
        ("role", "all", "technical", {"line": ["dispatcher"]}, "role_nobody"),
        ("role", "all", "technical", {"line": []}, "no_line"),
        ("grade", "all", "minor", {"report_minutes": 0}, "cadence_bad"),
        ("criterion", "all", "backlog", {"en": " "}, "name_missing"),
    ],
)
def test_the_check_bites(part, place, code, change, what):
    data = plans.document(2)
    row = plan_drafts.row_of(data, part, place, code) | change
    assert what in found(plan_drafts.with_row(data, part, place, code, row))


def test_a_draft_takes_over_the_bases_that_an_older_version_lacks(app, at, staff):
    """Rows of the shipped plans are known; what the house added stands to be filled in."""
    bare = plan_drafts.with_row(
        plans.document(2), "role", "all", "pilot", {"code": "pilot", "zh": "领航", "en": "Pilot"}
    )
    for row in bare["role"]:
        row.pop("clause_line", None)
    made = plan_bases.completed(bare, plans.document(2))
    assert made["role"][:-1] == plans.document(2)["role"]
    assert list(plan_bases.lacking("role", made["role"][-1])) == ["clause", "clause_line"]


def test_a_plan_without_exit_or_deputy_is_seen():
    data = plans.document(2)
    for code in ("hotline.backup_works", "hotline.stable"):
        data = plan_drafts.without_row(data, "criterion", "hotline", code)
    one = {"commander": 1, "responder": 2, "supervisor": 1, "head": 1, "handler": 3}
    assert {"no_exit_criterion", "no_deputy"} <= found(data, one)


def test_a_draft_is_written_handed_in_and_put_in_force_by_another(app, engine, at, staff):
    with transaction():
        before = declared(staff)
        draft = plan_actions.open_draft(staff["watch"], NINE)
        assert plan_actions.open_draft(staff["commander"], NINE) is draft
        with pytest.raises(Refused) as refused:
            plan_actions.hand_in(staff["watch"], NINE, 3, "没有改动")
        assert refused.value.code == "plan_changes_nothing"
        plan_actions.write(staff["watch"], NINE, 3, 1, with_step)
        with pytest.raises(Stale):
            plan_actions.write(staff["commander"], NINE, 3, 1, with_step)
        plan_actions.write(staff["watch"], NINE, 3, 2, lambda data: with_step(data, role="pilot"))
        with pytest.raises(Refused) as refused:
            plan_actions.hand_in(staff["watch"], NINE, 3, "补一步")
        assert refused.value.code == "plan_has_errors"
        plan_actions.write(staff["watch"], NINE, 3, 3, with_step)
        with pytest.raises(Invalid):
            plan_actions.hand_in(staff["watch"], NINE, 3, " ")
        plan_actions.hand_in(staff["watch"], NINE, 3, "补一步")
        with pytest.raises(Forbidden):
            plan_actions.approve(staff["watch"], NINE, 3)
        plan_actions.send_back(staff["commander"], NINE, 3, "时限太短")
        plan_actions.write(staff["watch"], NINE, 3, 4, lambda data: with_step(data, minutes=10))
        plan_actions.hand_in(staff["watch"], NINE, 3, "改为十分钟")
        plan_actions.approve(staff["commander"], NINE, 3)
    assert plans.latest().number == 3
    assert plans.of(3).label("hotline.queue", "en") == "Turn on the queue message"
    assert read_plan(plans.document(3)).number == 3
    assert before.plan_version == 2  # it goes on with the version it was declared on
    assert "hotline.queue" not in {t.code for t in before.tasks}
    with transaction():
        after = declared(staff)
    assert (after.plan_version, [t.title for t in after.tasks if t.code == "hotline.queue"]) == (
        3,
        ["开启语音排队提示"],
    )


def test_whoever_had_a_hand_in_a_draft_does_not_put_it_in_force(app, at, staff):
    with transaction():
        draft = plan_actions.open_draft(staff["commander"], NINE)
        plan_actions.write(staff["commander"], NINE, draft.version, 1, with_step)
        plan_actions.hand_in(staff["commander"], NINE, draft.version, "补一步")
        with pytest.raises(Refused) as refused:
            plan_actions.approve(staff["commander"], NINE, draft.version)
    assert refused.value.code == "plan_own_draft"


def test_the_agent_on_duty_finds_at_once_whom_to_call_and_what_to_say(app, at, staff, signed_in):
    with transaction():
        make_person(role="commander", unit="hq", name="钱伟", everywhere=True)
    browser = signed_in(staff["agent"])
    assert 'href="/plans/hotline"' in browser.get("/plans").text
    for language, words in (
        ("zh", ("赵志远", "客服热线暂时无法接通", "启用备用通讯方式")),
        ("en", ("our hotline cannot",)),
    ):
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        top = browser.get("/plans/hotline").text.split('id="now"')[1].split("</section>")[0]
        assert [x for x in words if x not in top] == []
    page = browser.get("/plans/hotline").text
    assert "T+10 min" in page
    assert "EM5" in page


def test_rows_are_edited_in_the_browser_with_errors_at_their_fields(app, at, staff, signed_in):
    browser = signed_in(staff["watch"])
    assert browser.post("/plans/draft").status_code == 303
    base = "/plans/version/3/row"
    page = browser.get(f"{base}/task/hotline/hotline.backup").text
    assert "公布的号码" in page
    sent = {
        "seen": "1", "code": "hotline.backup", "zh": "启用备用通讯", "en": "Backup", "role": "service",
        "kind": "on_site", "minutes": "8", "from_": "minor", "proof_zh": "号码", "proof_en": "Numbers", "clause": "EM5",
        "clause_minutes": "手册 4.2",
    }  # fmt: skip
    wrong = browser.post(f"{base}/task/hotline/hotline.backup", data=sent | {"zh": ""})
    assert (wrong.status_code, "Backup" in wrong.text) == (422, True)
    assert browser.post(f"{base}/task/hotline/hotline.backup", data=sent).status_code == 303
    stale = browser.post(f"{base}/task/hotline/hotline.backup", data=sent | {"zh": "另一个说法"})
    assert (stale.status_code, "另一个说法" in stale.text) == (409, True)
    twice = browser.post(f"{base}/task/hotline/new", data=sent | {"seen": "2"})
    assert twice.status_code == 422
    line = {
        "seen": "2",
        "code": "technical",
        "zh": "技术",
        "en": "Tech",
        "group_zh": "组",
        "group_en": "G",
        "line": "pilot",
    }
    assert browser.post(f"{base}/role/all/technical", data=line).status_code == 422
    assert browser.post(f"{base}/phone/all/watch", data={
        "seen": "2", "code": "watch", "zh": "值班", "en": "Watch", "number": "0571-8800", "clause": "EM2",
    }).status_code == 303  # fmt: skip
    assert browser.post("/plans/version/3/drop/task/hotline/hotline.spare_phones").status_code == 303
    page = browser.get("/plans/version/3").text
    assert "0571-8800" in page
    assert "已移除" in page
    assert "手册 4.2" in page  # the basis of the time limit
    assert browser.post("/plans/version/3/do/hand_in", data={"hand_in-why": "演练后修订"}).status_code == 303
    reviewer = signed_in(staff["commander"])
    assert browser.post("/plans/version/3/do/approve", data={}).status_code == 403
    assert reviewer.post("/plans/version/3/do/approve", data={}).status_code == 303
    assert plans.latest().tasks["hotline"][0].facts["minutes"] == 8
    assert signed_in(staff["agent"]).get(f"{base}/task/hotline/new").status_code == 403


def test_a_finished_review_drafts_the_revision_from_its_measures(app, engine, at, staff):
    with transaction():
        incident = ended(staff)
        now = NINE + 2 * DAY
        facts = {"cause": "板卡老化", "losses": "无", "worked": "备用手机", "lessons": "未演练", "entries": ()}
        review_actions.add_measure(
            staff["commander"], now, incident, text="每季度实切一次备用网关", owner_id=staff["head"].id, due=now + DAY,
            retest=now + 30 * DAY,
        )  # fmt: skip
        assert plan_queries.open_draft() is None
        review_actions.write(staff["commander"], now, incident, finished=True, **facts)
    draft = plan_queries.open_draft()
    step = plan_drafts.row_of(draft.data, "task", "hotline", "hotline.2026_001_1")
    assert (step["zh"], step["clause"]) == ("每季度实切一次备用网关", "EM8 INC-2026-001")
    assert not plan_lint.errors(plan_queries.findings(draft.data))
    with transaction():  # once more brings nothing new
        assert plan_actions.learn(staff["commander"], now, queries.incident_by_id(incident.id)) == 0


def test_a_plan_is_evaluated_yearly_and_says_when_it_is_overdue(app, at, staff, signed_in):
    browser = signed_in(staff["quality"])
    assert "逾期" not in browser.get("/plans").text
    late = at(days=400)
    assert (remind_of_plans(late), remind_of_plans(late)) == (14, 0)  # seven plans, two people, once
    browser = signed_in(staff["quality"])
    assert browser.get("/plans").text.count("逾期") == 7
    assert browser.post("/plans/hotline/evaluated", data={"why": ""}).status_code == 422
    assert browser.post("/plans/hotline/evaluated", data={"why": "演练两次，号码已核对"}).status_code == 303
    assert browser.get("/plans").text.count("逾期") == 6
    assert "号码已核对" in browser.get("/plans/hotline").text
    assert signed_in(staff["watch"]).post("/plans/hotline/evaluated", data={"why": "x y"}).status_code == 403


def test_declaring_succeeds_although_a_notice_cannot_be_written(app, engine, at, staff, monkeypatch):
    def broken(*_args, **_facts):
        raise LookupError("no roster, no mail")

    for way in ("tell", "tell_together"):
        monkeypatch.setattr(f"portal.incidents.record.{way}", broken)
    with transaction():
        incident = reported(staff["agent"])
        roles = {"commander": staff["commander"].id, "technical": staff["head"].id}
        actions.declare(staff["watch"], NINE, incident, kind="hotline", grade="major", roles=roles)
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert stored.state == "active"
    assert "NotTold" in [line.kind for line in queries.history(stored)]
