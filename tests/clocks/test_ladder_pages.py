"""SL8, SL10: the escalation ladder is changed in a draft, reviewed, holds for new cases; fields say what is wrong."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.clocks import ladder_drafts, policy_queries
from portal.clocks import policy_actions as deeds
from portal.clocks.models import Clock
from portal.jobs.watch import look
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, judged_case
from tests.jobs.test_watch import only_result, told

TODAY = date(2026, 11, 24)


@pytest.fixture
def draft(app, at, staff) -> int:
    with transaction():
        return deeds.open_draft(staff["admin"], NINE, "升级太慢").version


def posted(client, draft, **changes):
    """What the form holds when it is opened, with changes, sent."""
    url = f"/admin/policy/{draft}/ladder"
    page = client.get(url).get_data(as_text=True)
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'\b{what}="([^"]*)"', tag) for what in ("name", "value"))
        kind = re.search(r'type="(\w+)"', tag)
        if name is None or (kind and kind[1] == "checkbox" and "checked" not in tag):
            continue
        fields.setdefault(name[1], []).append((value[1] if value else "").replace("&#34;", '"'))
    return client.post(url, data=fields | changes)


def shown(client, address) -> str:
    return client.get(address, headers={"Accept-Language": "zh"}).get_data(as_text=True)


def test_the_ladder_reads_like_the_paper_and_an_untouched_form_changes_nothing(staff, draft, signed_in):
    page = shown(signed_in(staff["auditor"]), "/admin/policy")
    for words in (
        "已用时限的 75 %：责任人；静默时段内等待",
        "到期时：责任人、客服主管",
        "到期后时限的 25 %（P1 到期后 15 分）：部门负责人",
        "到期后时限的 100 %（P1 到期后 30 分）：质量管理",
        "2 小时（工作时间）",
        "20:00–08:00 及工作时间以外：P3、P4",
    ):
        assert words in page
    client = signed_in(staff["admin"])
    assert posted(client, draft).status_code == 303
    one, two = (policy_queries.version(number).data for number in (1, draft))
    assert list(ladder_drafts.differences(one, two)) == []
    assert ladder_drafts.ladder_of(two) == ladder_drafts.ladder_of(one)


def test_a_changed_ladder_is_compared_reviewed_and_holds_for_cases_of_after(staff, draft, signed_in, at):
    with transaction():
        old = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
    client = signed_in(staff["admin"])
    answer = posted(
        client, draft, share="50", to_1=["owner", "head"], share_3="10", minutes_P1_3="5", answer_P2="7",
        share_5="300", minutes_P1_5="90", to_5=["management"], quiet_from="21:30",
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, f"/admin/policy/{draft}#ladder")
    for page in (shown(client, f"/admin/policy/{draft}"), shown(client, f"/admin/policy/{draft}/compare")):
        for words in (
            "：责任人、部门负责人；静默时段内等待", "到期后时限的 10 %（P1 到期后 5 分）：部门负责人",
            "到期后时限的 300 %（P1 到期后 1 小时 30 分）：管理层", "21:30–08:00", "时限的 50 %", "7 分",
        ):  # fmt: skip
            assert words in page
    assert shown(client, f"/admin/policy/{draft}/compare").count("<del>") == 6
    with transaction():
        deeds.hand_in(staff["admin"], NINE, draft, "请复核")
    with transaction():
        deeds.approve(staff["supervisor"], NINE + timedelta(minutes=1), draft, TODAY)
    later = at(minutes=5)
    with transaction():
        new = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email", now=later)
    before, after = only_result(old), only_result(new)
    half = after.started_at + (after.due_at - after.started_at) / 2
    assert (before.warn_at - before.started_at, after.warn_at) == ((before.due_at - before.started_at) * 3 / 4, half)
    look(half)
    assert {(n.subject, n.person_id) for n in told()} == {
        (new.stream, staff["supervisor"].id), (new.stream, staff["head"].id),
    }  # fmt: skip
    clock = db.session.scalar(select(Clock).where(Clock.id == after.id))
    assert clock.answer_by == half + timedelta(minutes=7)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"share_3": "-25"}, "share_3"),
        ({"share_3": "soon"}, "share_3"),
        ({"share_4": "20"}, "share_4"),
        ({"minutes_P1_3": "-1"}, "minutes_P1_3"),
        ({"minutes_P1_4": "10"}, "minutes_P1_4"),
        ({"minutes_P1_4": ""}, "minutes_P1_4"),
        ({"minutes_P2_3": "1.5"}, "minutes_P2_3"),
        ({"to_2": []}, "to_2"),
        ({"to_3": ["the cat"]}, "to_3"),
        ({"share_5": "200", "minutes_P1_5": "60"}, "to_5"),
        ({"drop_3": "y", "to_4": []}, "to_4"),
        ({"answer_P1": "0"}, "answer_P1"),
        ({"quiet_from": "evening"}, "quiet_from"),
        ({"share": "100"}, "share"),
    ],
)
def test_nonsense_is_refused_at_its_field_and_stays_typed(staff, draft, signed_in, wrong, field):
    answer = posted(signed_in(staff["quality"]), draft, **({"answer_P4": "77"} | wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.findall(r'field-error" id="(\w+)-error"', page) == [field, "relogin"]
    assert 'value="77"' in page
    assert "ladder" not in (policy_queries.version(draft).data.get("hands") or ())
    assert list(ladder_drafts.differences(policy_queries.version(1).data, policy_queries.version(draft).data)) == []


def test_a_step_is_left_out_and_two_people_do_not_undo_each_other(staff, draft, signed_in):
    client, other = signed_in(staff["admin"]), signed_in(staff["quality"])
    stale = ladder_drafts.sealed(policy_queries.version(draft).data)
    assert posted(client, draft, drop_3="y").status_code == 303
    db.session.expire_all()
    assert len(ladder_drafts.ladder_of(policy_queries.version(draft).data)["steps"]) == 3
    answer = posted(other, draft, answer_P4="77", seen=stale)
    assert (answer.status_code, 'value="77"' in answer.get_data(as_text=True)) == (409, True)
    assert posted(other, draft, answer_P4="77").status_code == 303
    assert signed_in(staff["agent"]).get(f"/admin/policy/{draft}/ladder").status_code == 403
    assert not db.session.scalars(select(Notice.id).where(Notice.kind == "warn")).all()
