"""Every cell of the level, channel and kinds tables, with due instants counted by hand.

Received Wednesday 2026-09-30 17:55, five minutes before the office closes for the National Day week (the
next working days: Thu 10-08, Fri 10-09, Sat 10-10, Mon 10-12, Tue 10-13); DAY_OFF is a holiday Saturday.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.clocks.policy import load_policy
from portal.clocks.rules import Facts, decide
from portal.clocks.seed import seeded_calendars, seeded_policy

CALENDARS = seeded_calendars()
POLICY = load_policy(seeded_policy())
EVENING, DAY_OFF = "2026-09-30 17:55", "2026-10-03 11:00"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def facts(**changes: Any) -> Facts:
    usual: dict[str, Any] = {
        "channel": "email",
        "level": "P3",
        "proposed_level": None,
        "urgent": False,
        "complexity": "simple",
        "received": at(EVENING),
    }
    return Facts(**usual | changes)


CELLS: dict[str, tuple[str, dict[str, Any], str]] = {
    "hotline.ring": ("ring", {}, "2026-09-30 17:55:20"),
    "hotline.ring_busy": ("ring", {"line_busy": True}, "2026-09-30 17:56"),
    "hotline.rings": ("rings", {}, "2026-09-30 17:55:15"),
    "hotline.entry": ("entry", {}, "2026-09-30 18:05"),
    "chat.entry": ("entry", {}, "2026-09-30 18:05"),
    "account_manager.entry": ("entry", {}, "2026-09-30 18:05"),
    "walk_in.entry": ("entry", {}, "2026-09-30 18:05"),
    "backup.entry": ("entry", {}, "2026-09-30 18:05"),
    "voicemail.entry": ("entry", {}, "2026-10-08 09:05"),
    "sms.entry": ("entry", {}, "2026-10-08 09:05"),
    "email.entry": ("entry", {}, "2026-10-08 09:05"),
    "app.entry": ("entry", {}, "2026-10-08 09:05"),
    "web.entry": ("entry", {}, "2026-10-08 09:05"),
    "social.entry": ("entry", {}, "2026-10-08 09:05"),
    "email.acknowledgement": ("acknowledgement", {}, "2026-09-30 18:55"),
    "chat.acknowledgement": ("acknowledgement", {}, "2026-09-30 17:55:30"),
    "P1.judgement": ("judgement", {}, "2026-09-30 18:00"),
    "P2.judgement": ("judgement", {}, "2026-09-30 18:10"),
    "P3.judgement": ("judgement", {}, "2026-10-08 10:55"),
    "P4.judgement": ("judgement", {}, "2026-10-08 10:55"),
    "any.dispute": ("dispute", {}, "2026-09-30 18:25"),
    "any.approval": ("approval", {}, "2026-10-08 13:55"),
    "P1.acceptance": ("acceptance", {}, "2026-09-30 18:00"),
    "P2.acceptance": ("acceptance", {}, "2026-09-30 18:10"),
    "P3.acceptance": ("acceptance", {}, "2026-10-08 10:55"),
    "P4.acceptance": ("acceptance", {}, "2026-10-08 10:55"),
    "P1.first_response": ("first_response", {}, "2026-09-30 18:10"),
    "P2.first_response": ("first_response", {}, "2026-09-30 18:25"),
    "P3.first_response": ("first_response", {}, "2026-10-08 10:55"),
    "P4.first_response": ("first_response", {}, "2026-10-10 18:00"),
    "hotline.first_response": ("first_response", {}, "2026-09-30 17:55"),
    "voicemail.first_response": ("first_response", {}, "2026-10-08 09:25"),
    "email.first_response_urgent": ("first_response", {"urgent": True}, "2026-09-30 19:55"),
    "email.first_response_working_day": ("first_response", {}, "2026-10-01 17:55"),
    "email.first_response_other_day": ("first_response", {"received": at(DAY_OFF)}, "2026-10-05 11:00"),
    "chat.first_response": ("first_response", {}, "2026-09-30 18:00"),
    "app.first_response": ("first_response", {}, "2026-10-08 10:55"),
    "app.first_response_urgent": ("first_response", {"urgent": True}, "2026-09-30 19:55"),
    "app.first_response_working_day": ("first_response", {}, "2026-10-01 17:55"),
    "app.first_response_other_day": ("first_response", {"received": at(DAY_OFF)}, "2026-10-05 11:00"),
    "web.first_response": ("first_response", {}, "2026-10-08 10:55"),
    "web.first_response_urgent": ("first_response", {"urgent": True}, "2026-09-30 19:55"),
    "web.first_response_working_day": ("first_response", {}, "2026-10-01 17:55"),
    "web.first_response_other_day": ("first_response", {"received": at(DAY_OFF)}, "2026-10-05 11:00"),
    "social.first_response": ("first_response", {}, "2026-10-08 10:55"),
    "social.first_response_urgent": ("first_response", {"urgent": True}, "2026-09-30 19:55"),
    "social.first_response_working_day": ("first_response", {}, "2026-10-01 17:55"),
    "social.first_response_other_day": ("first_response", {"received": at(DAY_OFF)}, "2026-10-05 11:00"),
    "sms.first_response": ("first_response", {}, "2026-10-08 10:55"),
    "sms.first_response_urgent": ("first_response", {"urgent": True}, "2026-09-30 19:55"),
    "sms.first_response_working_day": ("first_response", {}, "2026-10-01 17:55"),
    "sms.first_response_other_day": ("first_response", {"received": at(DAY_OFF)}, "2026-10-05 11:00"),
    "account_manager.first_response": ("first_response", {}, "2026-09-30 17:55"),
    "walk_in.first_response": ("first_response", {}, "2026-09-30 17:55"),
    "backup.first_response": ("first_response", {}, "2026-09-30 17:55"),
    "P1.lead_contact": ("lead_contact", {"channel": "hotline"}, "2026-09-30 18:10"),
    "P2.lead_contact": ("lead_contact", {"channel": "chat"}, "2026-09-30 18:25"),
    "P2.start_of_work": ("start_of_work", {}, "2026-09-30 21:55"),
    "P1.progress": ("progress", {}, "2026-09-30 19:55"),
    "P1.progress_next": ("progress", {"later": True}, "2026-09-30 19:55"),
    "P2.progress_next": ("progress", {"later": True}, "2026-10-01 17:55"),
    "hotline.answer": ("answer", {}, "2026-10-01 17:55"),
    "voicemail.answer": ("answer", {}, "2026-10-01 17:55"),
    "email.answer_urgent": ("answer", {"urgent": True}, "2026-10-01 17:55"),
    "email.answer": ("answer", {}, "2026-10-02 17:55"),
    "chat.answer": ("answer", {}, "no instant"),
    "app.answer_simple": ("answer", {}, "2026-10-01 17:55"),
    "app.answer_complex": ("answer", {"complexity": "complex"}, "2026-10-02 17:55"),
    "web.answer_simple": ("answer", {}, "2026-10-01 17:55"),
    "web.answer_complex": ("answer", {"complexity": "complex"}, "2026-10-02 17:55"),
    "social.answer_simple": ("answer", {}, "2026-10-01 17:55"),
    "social.answer_complex": ("answer", {"complexity": "complex"}, "2026-10-02 17:55"),
    "sms.answer_simple": ("answer", {}, "2026-10-01 17:55"),
    "sms.answer_complex": ("answer", {"complexity": "complex"}, "2026-10-02 17:55"),
    "account_manager.answer": ("answer", {}, "2026-10-01 17:55"),
    "walk_in.answer": ("answer", {}, "2026-10-01 17:55"),
    "backup.answer": ("answer", {}, "2026-10-01 17:55"),
    "P1.result": ("result", {}, "2026-09-30 19:55"),
    "P2.result": ("result", {}, "2026-10-01 17:55"),
    "P3.result": ("result", {}, "2026-10-08 18:00"),
    "P4.result": ("result", {}, "2026-10-14 17:55"),
    "P1.next_reply": ("next_reply", {}, "2026-09-30 18:10"),
    "P2.next_reply": ("next_reply", {}, "2026-09-30 18:25"),
    "P3.next_reply": ("next_reply", {}, "2026-10-08 10:55"),
    "P4.next_reply": ("next_reply", {}, "2026-10-10 18:00"),
    "any.department_result": ("department_result", {}, "no instant"),  # a share of another clock: stories hold it
    "any.tier": ("tier", {}, "no instant"),
    "any.pause": ("pause", {}, "2026-10-13 18:00"),
    "any.promise": ("promise", {}, "no instant"),
    "any.callback": ("callback", {}, "2026-10-08 18:00"),
    "any.confirmation": ("confirmation", {}, "2026-10-13 18:00"),
}


# how level and channel rows of a kind meet: not judged / P1 / P2 / P3 / P4; s = stricter, l = level, c = channel
COMBINES = {
    "ring": "c/c/c/c/c",
    "rings": "c/c/c/c/c",
    "entry": "c/c/c/c/c",
    "acknowledgement": "c/c/c/c/c",
    "judgement": "l/l/l/l/l",
    "dispute": "l/l/l/l/l",
    "approval": "l/l/l/l/l",
    "acceptance": "l/l/l/l/l",
    "first_response": "s/s/s/s/l",
    "lead_contact": "s/s/s/l/l",
    "start_of_work": "s/s/s/l/l",
    "progress": "s/s/s/l/l",
    "answer": "c/c/c/c/c",
    "result": "s/s/s/l/l",
    "next_reply": "l/l/l/l/l",
    "department_result": "l/l/l/l/l",
    "tier": "l/l/l/l/l",
    "pause": "l/l/l/l/l",
    "promise": "l/l/l/l/l",
    "callback": "l/l/l/l/l",
    "confirmation": "l/l/l/l/l",
}
LEVELS = (None, "P1", "P2", "P3", "P4")
NAMES = {"s": "stricter", "l": "level", "c": "channel"}
MAY_PAUSE = {
    "progress": ("P2.progress_next",), "result": ("P2.result", "P3.result", "P4.result"),
    "department_result": ("any.department_result",), "tier": ("any.tier",),
}  # fmt: skip


def facts_for(row_id: str, changes: dict[str, Any]) -> Facts:
    """The case a cell speaks about: its level or its channel, and what the cell adds."""
    side = row_id.split(".")[0]
    named = {"level": side} if side.startswith("P") else {} if side == "any" else {"channel": side}
    return facts(**named | changes)


@pytest.mark.parametrize("row_id", CELLS)
def test_cell(row_id: str) -> None:
    kind, changes, due = CELLS[row_id]
    case = facts_for(row_id, changes)
    decision = decide(POLICY, CALENDARS, kind, case, case.received)
    if due == "no instant":
        assert decision is None
        return
    assert decision is not None
    ends = {decision.winner.id: decision.due} | {lost.row.id: lost.due for lost in decision.losers}
    assert ends.get(row_id) == at(due)


def test_no_cell_without_a_row_and_no_row_without_a_cell() -> None:
    assert {row.id for row in POLICY.rows} == set(CELLS)


@pytest.mark.parametrize(("kind", "place"), [(kind, place) for kind in COMBINES for place in range(len(LEVELS))])
def test_how_level_and_channel_combine(kind: str, place: int) -> None:
    combine, bids, binding = NAMES[COMBINES[kind].split("/")[place]], [], None
    for channel in sorted(POLICY.channels):
        case = facts(channel=channel, level=LEVELS[place])
        binding = decide(POLICY, CALENDARS, kind, case, case.received)
        if binding is None:
            continue
        assert binding.combine == combine
        assert combine == "stricter" or binding.winner.side == combine
        bids = [binding.due, *(lost.due for lost in binding.losers)]
        assert combine != "stricter" or binding.due == min(bids)
    assert POLICY.combine[kind]["unjudged" if place == 0 else LEVELS[place]] == combine


def test_no_kind_without_a_way_to_combine() -> None:
    assert {row.kind for row in POLICY.rows} == set(COMBINES)


@pytest.mark.parametrize("row_id", CELLS)
def test_which_rows_may_pause(row_id: str) -> None:
    row = next(row for row in POLICY.rows if row.id == row_id)
    answer = row.kind == "answer" and row.unit != "talk"
    assert row.pausable is (answer or row_id in MAY_PAUSE.get(row.kind, ()))
    case = facts_for(row_id, CELLS[row_id][1])
    decision = decide(POLICY, CALENDARS, row.kind, case, case.received)
    assert decision is None or decision.level != "P1" or not decision.pausable
