"""SL10: a policy is drafted, reviewed by somebody else, holds from a day on; what has been approved never changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.clocks import book, policy_queries
from portal.clocks import policy_actions as deeds
from portal.clocks.kept import clocks_of, decision_of
from portal.clocks.models import PolicyVersion
from portal.clocks.policy_drafts import Cell, cell_of, differences, rows_by_id
from portal.journal.models import Entry
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused, Stale
from tests import builders
from tests.builders import NINE

TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)
P3 = "P3.first_response"


def cell(limit: str, **changes: object) -> Cell:
    usual = {"calendar": "cn-business", "warn": 75, "clause": "SL1 level table", "house": False}
    return Cell(limit, **(usual | changes))  # type: ignore[arg-type]


def change(who, now, number, row, new, **more):
    with transaction():
        return deeds.change_cell(who, now, number, row, new, **more)


@pytest.fixture
def draft(app, at, staff) -> int:
    """A draft by the administrator in which P3 is answered within one hour."""
    with transaction():
        number = deeds.open_draft(staff["admin"], NINE, "客户等得太久").version
    change(staff["admin"], NINE, number, P3, cell("1h"))
    return number


def approved(staff, number, now, day, who="supervisor"):
    with transaction():
        deeds.hand_in(staff["admin"], now, number, "请复核")
    with transaction():
        return deeds.approve(staff[who], now, number, day, "同意")


@pytest.mark.usefixtures("engine")
def test_a_draft_becomes_the_policy_from_the_day_on_and_running_cases_keep_theirs(staff, draft):
    """SL10: the case of the morning keeps two hours, the one of the next day has one."""
    with transaction():
        old = builders.judged_case(staff["agent"], staff["supervisor"], channel="app", now=NINE)
    approved(staff, draft, NINE, TOMORROW)
    later = NINE + timedelta(days=1, hours=1)
    with transaction():
        new = builders.judged_case(staff["agent"], staff["supervisor"], channel="app", now=later)
        builders.cases.judge(
            staff["supervisor"], later, old, level="P2", impact="part", urgency="high", harm=False, reason="影响扩大",
            unit_id=None,
        )  # fmt: skip
    responses = {c.id: next(k for k in clocks_of(c.id) if k.kind == "first_response") for c in (old, new)}
    assert responses[new.id].due_at == later + timedelta(hours=1)
    assert {k.policy_version for k in clocks_of(old.id)} == {1}
    assert {k.policy_version for k in clocks_of(new.id)} == {draft}
    assert decision_of(responses[new.id]).winner.amount == 3600
    assert book.in_force(NINE).policy.version == 1
    assert book.in_force(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)).policy.version == 1
    assert book.in_force(datetime(2026, 11, 24, 16, 0, tzinfo=UTC)).policy.version == draft


def test_a_version_approved_for_today_holds_from_this_instant(staff, draft):
    now = NINE + timedelta(hours=3)
    approved(staff, draft, now, TODAY)
    assert book.in_force(now - timedelta(seconds=1)).policy.version == 1
    assert book.in_force(now).policy.version == draft


def test_the_journal_keeps_who_did_what_when_and_why(staff, draft):
    approved(staff, draft, NINE, TOMORROW)
    entries = db.session.query(Entry).filter_by(stream=f"policy:{draft}").order_by(Entry.n).all()
    assert [(e.kind, e.by_id) for e in entries] == [
        ("PolicyDrafted", staff["admin"].id), ("PolicyChanged", staff["admin"].id),
        ("PolicyHandedIn", staff["admin"].id), ("PolicyApproved", staff["supervisor"].id),
    ]  # fmt: skip
    kept = policy_queries.version(draft)
    assert (kept.by_id, kept.at, kept.reviewed_by, kept.reviewed_at, kept.note) == (
        staff["admin"].id, NINE, staff["supervisor"].id, NINE, "同意",
    )  # fmt: skip


def test_nobody_reviews_what_they_had_a_hand_in(staff, draft):
    change(staff["quality"], NINE, draft, "P4.result", cell("1w", calendar="always"))
    with transaction():
        deeds.hand_in(staff["admin"], NINE, draft, "请复核")
    for who in ("admin", "quality"):
        for deed in (
            lambda who=who: deeds.approve(staff[who], NINE, draft, TOMORROW),
            lambda who=who: deeds.send_back(staff[who], NINE, draft, "不同意"),
        ):
            with pytest.raises(Refused) as refusal, transaction():
                deed()
            assert refusal.value.code == "policy_own_draft"
    with transaction():
        assert deeds.approve(staff["supervisor"], NINE, draft, TOMORROW).state == "effective"


@pytest.mark.parametrize("who", ["agent", "handler", "head", "analyst", "auditor", "management", "security"])
def test_who_has_no_right_drafts_and_reviews_nothing(staff, draft, who):
    for deed in (
        lambda: deeds.open_draft(staff[who], NINE, "试一试"),
        lambda: deeds.change_cell(staff[who], NINE, draft, P3, cell("3h")),
        lambda: deeds.discard(staff[who], NINE, draft, "不要"),
        lambda: deeds.approve(staff[who], NINE, draft, TOMORROW),
    ):
        with pytest.raises(Forbidden), transaction():
            deed()


def test_an_approved_version_is_never_changed_again(staff, draft):
    approved(staff, draft, NINE, TOMORROW)
    before = dict(policy_queries.version(draft).data)
    for deed in (
        lambda: deeds.change_cell(staff["admin"], NINE, draft, P3, cell("3h")),
        lambda: deeds.change_combine(staff["admin"], NINE, draft, "result", before["combine"]["result"]),
        lambda: deeds.add_special(staff["admin"], NINE, draft, P3, "company", "", cell("3h")),
        lambda: deeds.discard(staff["admin"], NINE, draft, "不要了"),
        lambda: deeds.hand_in(staff["admin"], NINE, draft, "再来"),
        lambda: deeds.approve(staff["quality"], NINE, draft, TOMORROW),
        lambda: deeds.change_cell(staff["admin"], NINE, 1, P3, cell("3h")),
    ):
        with pytest.raises(Refused) as refusal, transaction():
            deed()
        assert refusal.value.code == "policy_in_other_state"
    assert policy_queries.version(draft).data == before


def test_the_review_sends_back_with_a_reason_and_the_draft_goes_on(staff, draft):
    with transaction():
        deeds.hand_in(staff["admin"], NINE, draft, "请复核")
    with pytest.raises(Invalid) as refusal, transaction():
        deeds.send_back(staff["supervisor"], NINE, draft, " ")
    assert (refusal.value.code, refusal.value.facts["field"]) == ("policy_say_why", "why")
    with transaction():
        deeds.send_back(staff["supervisor"], NINE, draft, "一小时做不到")
    kept = policy_queries.version(draft)
    assert (kept.state, kept.note, kept.reviewed_by) == ("draft", "一小时做不到", staff["supervisor"].id)
    change(staff["admin"], NINE, draft, P3, cell("90m"))
    assert approved(staff, draft, NINE, TOMORROW).state == "effective"


def test_a_day_that_is_over_or_not_after_the_version_before_is_refused(staff, draft):
    with transaction():
        deeds.hand_in(staff["admin"], NINE, draft, "请复核")
    with pytest.raises(Invalid) as refusal, transaction():
        deeds.approve(staff["supervisor"], NINE, draft, TODAY - timedelta(days=1))
    assert (refusal.value.code, refusal.value.facts["field"]) == ("policy_day_past", "day")
    with transaction():
        deeds.approve(staff["supervisor"], NINE, draft, TOMORROW)
    with transaction():
        second = deeds.open_draft(staff["admin"], NINE, "再改").version
    assert policy_queries.version(second).data["base"] == draft
    change(staff["admin"], NINE, second, P3, cell("30m"))
    with transaction():
        deeds.hand_in(staff["admin"], NINE, second, "请复核")
    for day in (TODAY, TOMORROW):
        with pytest.raises(Invalid) as refusal, transaction():
            deeds.approve(staff["supervisor"], NINE, second, day)
        assert refusal.value.code == "policy_day_before"
    with transaction():
        deeds.approve(staff["supervisor"], NINE, second, TOMORROW + timedelta(days=1))


def test_a_draft_that_was_overtaken_cannot_undo_the_newer_version(staff, draft):
    with transaction():
        slow = deeds.open_draft(staff["quality"], NINE, "另一份").version
    change(staff["quality"], NINE, slow, "P4.result", cell("1w", calendar="always"))
    with transaction():
        deeds.hand_in(staff["quality"], NINE, slow, "请复核")
    approved(staff, draft, NINE, TOMORROW)
    with pytest.raises(Refused) as refusal, transaction():
        deeds.approve(staff["supervisor"], NINE, slow, TOMORROW + timedelta(days=5))
    assert refusal.value.code == "policy_overtaken"
    with transaction():
        assert deeds.discard(staff["quality"], NINE, slow, "已有新版本").state == "discarded"


def test_a_draft_that_changes_nothing_is_not_handed_in(app, at, staff):
    with transaction():
        number = deeds.open_draft(staff["admin"], NINE, "看看").version
    with pytest.raises(Refused) as refusal, transaction():
        deeds.hand_in(staff["admin"], NINE, number, "请复核")
    assert refusal.value.code == "policy_changes_nothing"


@pytest.mark.parametrize(
    ("row", "new", "code", "field"),
    [
        (P3, cell("soon"), "policy_limit_unreadable", "limit"),
        (P3, cell("0m"), "policy_limit_no_time", "limit"),
        (P3, cell("-2h"), "policy_limit_no_time", "limit"),
        (P3, cell("0%"), "policy_limit_no_time", "limit"),
        ("P1.result", cell("none"), "policy_level_without_limit", "limit"),
        (P3, cell("1h", calendar="lunar"), "policy_calendar_unknown", "calendar"),
        (P3, cell("1h", warn=100), "policy_warn_share_bad", "warn"),
    ],
)
def test_a_cell_that_makes_no_sense_is_refused_at_its_field_and_nothing_is_kept(staff, draft, row, new, code, field):
    before = policy_queries.version(draft).data
    with pytest.raises(Invalid) as refusal:
        change(staff["admin"], NINE, draft, row, new)
    assert (refusal.value.code, refusal.value.facts["field"]) == (code, field)
    db.session.expire_all()
    assert policy_queries.version(draft).data == before


def test_none_takes_a_limit_away_and_a_later_draft_can_bring_it_back(staff, draft):
    change(staff["admin"], NINE, draft, "P2.start_of_work", cell("none", calendar="always"))
    assert "P2.start_of_work" not in {row.id for row in book.policy(draft).rows}
    approved(staff, draft, NINE, TODAY)
    with transaction():
        case = builders.judged_case(staff["agent"], staff["supervisor"], level="P2", channel="app", now=NINE)
        again = deeds.open_draft(staff["admin"], NINE, "恢复").version
    assert "start_of_work" not in {c.kind for c in clocks_of(case.id)}
    change(staff["admin"], NINE, again, "P2.start_of_work", cell("4h", calendar="always"))
    assert [r.amount for r in book.policy(again).rows if r.id == "P2.start_of_work"] == [4 * 3600]


def test_who_saw_an_older_cell_does_not_overwrite_the_newer_one(staff, draft):
    seen = cell("2h")
    with pytest.raises(Stale) as refusal:
        change(staff["quality"], NINE, draft, P3, cell("3h"), seen=seen)
    assert refusal.value.facts == {"field": "limit", "limit": "1h"}
    change(staff["quality"], NINE, draft, P3, cell("3h"), seen=cell("1h"))


def test_a_class_of_customers_gets_a_row_of_its_own(staff, draft):
    with transaction():
        _, row_id = deeds.add_special(staff["admin"], NINE, draft, P3, "company", "fault", cell("30m"))
    with pytest.raises(Invalid) as refusal, transaction():
        deeds.add_special(staff["admin"], NINE, draft, P3, "company", "fault", cell("20m"))
    assert refusal.value.code == "policy_row_twice"
    approved(staff, draft, NINE, TODAY)
    with transaction():
        cases = {
            (whom, kind): builders.judged_case(
                staff["agent"], staff["supervisor"], channel="app", now=NINE, customer_category=whom,
                contact=phone, request_type=kind,
            ).id
            for whom, kind, phone in (
                ("company", "fault", "13800130021"), ("company", "complaint", "13800130022"),
                ("person", "fault", "13800130023"),
            )
        }  # fmt: skip
    rules = {who: next(c.rule for c in clocks_of(i) if c.kind == "first_response") for who, i in cases.items()}
    assert rules == {("company", "fault"): row_id, ("company", "complaint"): P3, ("person", "fault"): P3}


def test_what_differs_is_listed_row_by_row(staff, draft):
    change(staff["admin"], NINE, draft, "P2.start_of_work", cell("none", calendar="always"))
    with transaction():
        hows = policy_queries.version(1).data["combine"]["first_response"] | {"P4": "stricter"}
        deeds.change_combine(staff["admin"], NINE, draft, "first_response", hows)
    one, two = policy_queries.version(1).data, policy_queries.version(draft).data
    found = [(d.what, d.row.get("id") or d.row["level"], d.old, d.new) for d in differences(one, two)]
    old = cell_of(rows_by_id(one)[P3], one)
    assert found == [
        ("row", P3, old, replace(old, limit="1h")),
        ("row", "P2.start_of_work", cell_of(rows_by_id(one)["P2.start_of_work"], one), cell("none", calendar="always")),
        ("combine", "P4", "level", "stricter"),
    ]


def test_an_unknown_version_row_or_way_to_combine_is_refused(staff, draft):
    with pytest.raises(Missing), transaction():
        deeds.hand_in(staff["admin"], NINE, 99, "请复核")
    with pytest.raises(Missing):
        change(staff["admin"], NINE, draft, "P9.result", cell("1h"))
    hows = policy_queries.version(1).data["combine"]["result"] | {"P2": "softer"}
    with pytest.raises(Invalid) as refusal, transaction():
        deeds.change_combine(staff["admin"], NINE, draft, "result", hows)
    assert refusal.value.code == "policy_combine_unknown"


def test_the_shipped_version_says_it_is_approved(app):
    assert [(v.version, v.state) for v in db.session.query(PolicyVersion)] == [(1, "effective")]
