"""Which row wins, where pauses move a deadline, how a clock stands, and which policies are refused."""

import json
from copy import deepcopy
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clocks.policy import PolicyRefused
from portal.clocks.rules import (
    Decision,
    Facts,
    Segment,
    deadline,
    decide,
    decision_from_data,
    limit_text,
    load_policy,
    parse_limit,
    state_of,
    warning_point,
)
from portal.clocks.seed import seeded_calendars, seeded_policy
from tests.laws import tried

CALENDARS = seeded_calendars()
POLICY = load_policy(seeded_policy())
ALWAYS, BUSINESS = CALENDARS["always"], CALENDARS["cn-business"]
HOUR = 3600


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def decided(kind: str, received: str = "2026-11-23 10:00", **changes: Any) -> Decision | None:
    usual: dict[str, Any] = {"channel": "email", "level": None, "proposed_level": None, "urgent": False}
    case = Facts(**usual | {"complexity": "simple", "received": at(received)} | changes)
    return decide(POLICY, CALENDARS, kind, case, case.received)


def won(kind: str, received: str = "2026-11-23 10:00", **changes: Any) -> Decision:
    decision = decided(kind, received, **changes)
    assert decision is not None
    return decision


@pytest.mark.parametrize(
    ("changes", "winner", "combine"),
    [
        ({"proposed_level": "P1"}, "P1.first_response", "stricter"),
        ({"proposed_level": "P4"}, "email.first_response_working_day", "stricter"),
        ({"level": "P1"}, "P1.first_response", "stricter"),
        ({"level": "P2", "channel": "chat"}, "chat.first_response", "stricter"),
        ({"level": "P3"}, "P3.first_response", "stricter"),
        ({"level": "P3", "channel": "web"}, "P3.first_response", "stricter"),
        ({"level": "P3", "channel": "voicemail"}, "voicemail.first_response", "stricter"),
        ({"level": "P4"}, "P4.first_response", "level"),
        ({"level": "P2", "channel": "hotline"}, "hotline.first_response", "stricter"),
    ],
)
def test_the_combine_rule_picks_the_row_of_first_response(changes: dict, winner: str, combine: str) -> None:
    decision = won("first_response", **changes)
    assert (decision.winner.id, decision.combine) == (winner, combine)


def test_the_row_that_lost_is_kept_with_its_own_due_instant() -> None:
    decision = won("first_response", level="P4")
    assert [(lost.row.id, lost.due) for lost in decision.losers] == [
        ("email.first_response_working_day", at("2026-11-24 10:00"))
    ]


def test_on_a_website_both_channel_rows_compete_and_the_earlier_wins() -> None:
    friday_evening = won("first_response", "2026-11-20 19:00", channel="web", level="P3")
    assert friday_evening.winner.id == "web.first_response_working_day"
    assert friday_evening.due == at("2026-11-21 19:00")
    assert {lost.row.id for lost in friday_evening.losers} == {"P3.first_response", "web.first_response"}


def test_the_received_local_day_decides_between_24_and_48_hours() -> None:
    saturday_that_works = won("first_response", "2026-10-10 23:30", proposed_level="P4")
    sunday = won("first_response", "2026-10-11 00:30", proposed_level="P4")
    assert saturday_that_works.winner.id == "email.first_response_working_day"
    assert sunday.winner.id == "email.first_response_other_day"


def test_until_judged_the_stricter_of_urgency_and_proposal_counts() -> None:
    assert won("result", urgent=True, proposed_level="P4").winner.id == "P2.result"
    assert won("result", urgent=True, proposed_level="P1").winner.id == "P1.result"
    assert won("result").winner.id == "P3.result"
    assert won("result", level="P4", urgent=True, proposed_level="P1").winner.id == "P4.result"


def test_level_p2_is_urgent_for_the_mail_answer() -> None:
    assert won("answer", level="P2").winner.id == "email.answer_urgent"
    assert won("answer", level="P3").winner.id == "email.answer"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("acknowledgement", {"channel": "web"}),
        ("lead_contact", {"level": "P1"}),
        ("start_of_work", {"level": "P3"}),
        ("progress", {"level": "P2"}),
        ("answer", {"channel": "chat"}),
        ("no_such_kind", {}),
    ],
)
def test_no_row_means_no_clock(kind: str, changes: dict) -> None:
    assert decided(kind, **changes) is None


def test_taking_the_request_meets_first_response_on_live_channels_only() -> None:
    assert won("first_response", channel="hotline", level="P1").met_by_taking
    assert not won("first_response", channel="email", level="P1").met_by_taking
    assert not won("entry", channel="hotline").met_by_taking


def test_p1_clocks_never_pause_and_entry_clocks_neither() -> None:
    assert won("result", level="P2").pausable
    assert not won("result", level="P1").pausable
    assert not won("answer", level="P1").pausable
    assert not won("entry", level="P3").pausable


def test_warning_point_at_three_quarters_and_none_under_ten_minutes() -> None:
    assert won("result", level="P2").warn == at("2026-11-24 04:00")
    assert won("judgement", proposed_level="P1").warn is None
    assert won("entry", channel="hotline").warn == at("2026-11-23 10:07:30")
    assert warning_point(BUSINESS, at("2026-11-23 16:00"), at("2026-11-24 11:00"), 0.75) == at("2026-11-24 10:00")


def test_budget_is_working_seconds_on_the_winners_calendar() -> None:
    assert won("result", level="P3").budget == 15 * HOUR
    assert won("result", level="P4").budget == 14 * 24 * HOUR


def test_a_deadline_in_a_year_without_holidays_is_marked_provisional() -> None:
    assert won("result", "2026-12-31 10:00", level="P3").provisional
    assert not won("result", "2026-12-31 10:00", level="P1").provisional


def test_a_decision_survives_storage() -> None:
    decision = won("first_response", level="P4", channel="web")
    assert decision_from_data(json.loads(json.dumps(decision.to_data()))) == decision


def paused(since: str, until: str | None) -> Segment:
    return Segment(at(since), at(until) if until else None, "paused", "customer")


@pytest.mark.parametrize(
    ("limit", "segments", "due"),
    [
        ("2h", [], "2026-10-10 10:00"),
        ("2h", [paused("2026-10-09 17:30", "2026-10-09 20:00")], "2026-10-10 10:30"),
        ("2h", [paused("2026-10-09 18:00", "2026-10-10 09:00")], "2026-10-10 10:00"),
        ("2h", [paused("2026-10-09 17:30", "2026-10-12 09:30")], "2026-10-12 11:00"),
        ("2h", [paused("2026-10-10 10:00:01", "2026-10-12 18:00")], "2026-10-10 10:00"),
        ("2h", [paused("2026-10-09 17:30", None)], "2026-10-10 10:00"),
        ("2h", [paused("2026-10-09 09:00", "2026-10-09 17:10")], "2026-10-10 10:10"),
        ("2h", [Segment(at("2026-10-09 17:30"), at("2026-10-10 09:30"), "running")], "2026-10-10 10:00"),
        ("1wd", [paused("2026-10-10 09:00", "2026-10-10 11:00")], "2026-10-12 11:00"),
        ("2w", [paused("2026-10-11 00:00", "2026-10-12 00:00")], "2026-10-24 17:00"),
    ],
)
def test_a_pause_moves_the_deadline_by_the_working_time_inside_it(
    limit: str, segments: list[Segment], due: str
) -> None:
    amount, unit = parse_limit(limit)
    calendar = ALWAYS if unit == "w" else BUSINESS
    assert deadline(amount, unit, calendar, at("2026-10-09 17:00"), segments) == at(due)


def test_overlapping_pauses_count_once() -> None:
    twice = [paused("2026-11-23 11:00", "2026-11-23 12:00"), paused("2026-11-23 11:30", "2026-11-23 13:30")]
    assert deadline(2 * HOUR, "s", BUSINESS, at("2026-11-23 10:00"), twice) == at("2026-11-23 14:30")


START = at("2026-02-10 00:00")


@tried(200)
@given(
    seconds=st.integers(1, 30 * HOUR),
    marks=st.lists(st.integers(0, 20 * 86_400), min_size=2, max_size=8, unique=True).filter(lambda m: len(m) % 2 == 0),
)
def test_the_time_outside_pauses_is_exactly_the_limit(seconds: int, marks: list[int]) -> None:
    edges = [START + mark for mark in sorted(marks)]
    segments = [Segment(a, b, "paused") for a, b in zip(edges[::2], edges[1::2], strict=True)]
    due = deadline(seconds, "s", BUSINESS, START, segments)
    inside = sum(BUSINESS.between(s.since, min(s.until or due, due)) for s in segments if s.since <= due)
    assert BUSINESS.between(START, due) - inside == seconds


@tried(200)
@given(
    channel=st.sampled_from(sorted(POLICY.channels)),
    level=st.sampled_from([None, "P1", "P2", "P3", "P4"]),
    proposed=st.sampled_from([None, "P1", "P2", "P3", "P4"]),
    urgent=st.booleans(),
    complexity=st.sampled_from(["simple", "complex"]),
    offset=st.integers(0, 300 * 86_400),
    kind=st.sampled_from(sorted(POLICY.by_kind)),
)
def test_the_winner_is_never_later_than_a_stricter_rival(
    channel: str,
    level: str | None,
    proposed: str | None,
    urgent: bool,
    complexity: Any,
    offset: int,
    kind: str,
) -> None:
    case = Facts(channel, level, proposed, urgent, complexity, START + offset)
    decision = decide(POLICY, CALENDARS, kind, case, case.received)
    if decision is None:
        assert kind not in ("first_response", "result", "judgement", "entry", "confirmation", "callback")
        return
    rivals = [x for x in decision.losers if decision.combine in ("stricter", x.row.side)]
    assert all(decision.due <= rival.due for rival in rivals)
    assert decision.start <= decision.due
    assert decision.warn is None or decision.start <= decision.warn < decision.due


@pytest.mark.parametrize(
    ("now", "stopped", "pause", "state"),
    [
        (50, None, None, "ok"),
        (75, None, None, "warn"),
        (100, None, None, "warn"),
        (101, None, None, "late"),
        (500, 100, None, "met"),
        (500, 101, None, "missed"),
        (500, None, 60, "paused"),
        (500, None, True, "paused"),
        (500, None, 120, "late"),
        (500, 90, 60, "met"),
    ],
)
def test_the_state_is_read_from_the_instants(now: int, stopped: int | None, pause: Any, state: str) -> None:
    assert state_of(now, 100, 75, stopped, pause) == state


@pytest.mark.parametrize("text", ["15m", "2h", "90s", "1wd", "2w", "24h"])
def test_a_limit_reads_as_it_is_written(text: str) -> None:
    assert limit_text(*parse_limit(text)) == text


@pytest.mark.parametrize("text", ["", "0h", "-1h", "2", "2y", "h", "1.5h"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a limit"):
        parse_limit(text)


def broken(**changes: Any) -> dict[str, Any]:
    data = deepcopy(seeded_policy())
    data["rows"][0] |= changes
    return data


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 0}, "policy_limit_not_positive"),
        ({"amount": -5}, "policy_limit_not_positive"),
        ({"unit": "month"}, "policy_unit_unknown"),
        ({"channel": "pigeon"}, "policy_channel_unknown"),
        ({"channel": None}, "policy_row_applies_to_nothing"),
        ({"level": "P1"}, "policy_row_applies_to_nothing"),
        ({"channel": None, "level": "P9"}, "policy_level_unknown"),
        ({"when": ["raining"]}, "policy_condition_unknown"),
        ({"warn_share": 1}, "policy_warn_share_bad"),
        ({"id": "P1.result"}, "policy_row_twice"),
        ({"kind": "greeting"}, "policy_combine_missing"),
        ({"calendar": "lunar"}, "policy_calendar_unknown"),
        ({"when": ["line_busy"]}, "policy_row_twice"),
    ],
)
def test_a_policy_with_a_bad_row_is_refused(changes: dict, code: str) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        load_policy(broken(**changes), CALENDARS)
    assert refusal.value.code == code


def test_a_policy_whose_kinds_combine_in_an_unknown_way_is_refused() -> None:
    data = deepcopy(seeded_policy())
    data["combine"]["result"]["P2"] = "softer"
    with pytest.raises(PolicyRefused) as refusal:
        load_policy(data)
    assert (refusal.value.code, refusal.value.facts["kind"]) == ("policy_combine_unknown", "result")


@pytest.mark.parametrize("kind", ["first_response", "result"])
@pytest.mark.parametrize("how", ["gone", "off", "special"])
def test_a_policy_without_a_p1_limit_is_refused(kind: str, how: str) -> None:
    data = deepcopy(seeded_policy())
    row = next(row for row in data["rows"] if row["id"] == f"P1.{kind}")
    if how == "gone":
        data["rows"].remove(row)
    row |= {"off": True} if how == "off" else {"customer_class": "company"}
    with pytest.raises(PolicyRefused) as refusal:
        load_policy(data)
    assert (refusal.value.code, refusal.value.facts["level"]) == ("policy_level_without_limit", "P1")


def with_rows(*added: dict[str, Any]) -> Any:
    """The shipped policy with some more rows for first responses to mail and to level P3."""
    data = deepcopy(seeded_policy())
    usual = {"kind": "first_response", "unit": "s", "calendar": "always", "clause": "IN14", "house": True}
    data["rows"] += [usual | row for row in added]
    return load_policy(data)


def ends(policy: Any, **changes: Any) -> tuple[str, set[str]]:
    """Which row binds the first response to a mail, and which rows lost."""
    case = Facts("email", "P3", None, False, "simple", at("2026-11-23 10:00"), **changes)
    decision = decide(policy, CALENDARS, "first_response", case, case.received)
    assert decision is not None
    return decision.winner.id, {lost.row.id for lost in decision.losers}


def test_a_row_may_speak_about_a_customer_class_or_a_request_type_alone() -> None:
    policy = with_rows({"id": "P3.company", "level": "P3", "amount": 1800, "customer_class": "company"})
    assert ends(policy, customer_class="company") == ("P3.company", {"email.first_response_working_day"})
    assert ends(policy, customer_class="person")[0] == "P3.first_response"
    assert ends(policy)[0] == "P3.first_response"


def test_the_most_special_row_speaks_for_its_side_even_when_it_is_more_lenient() -> None:
    policy = with_rows(
        {"id": "P3.company", "level": "P3", "amount": 4 * HOUR, "customer_class": "company"},
        {"id": "P3.company.order", "level": "P3", "amount": 6 * HOUR, "customer_class": "company",
         "request_type": "order"},
    )  # fmt: skip
    assert ends(policy, customer_class="company", request_type="fault")[0] == "P3.company"
    assert ends(policy, customer_class="company", request_type="order")[0] == "P3.company.order"


def test_a_special_row_does_not_silently_win_over_the_other_side() -> None:
    policy = with_rows({"id": "P3.company", "level": "P3", "amount": 30 * HOUR, "customer_class": "company"})
    assert ends(policy, customer_class="company") == ("email.first_response_working_day", {"P3.company"})


def test_rows_that_are_equally_special_compete_and_the_earlier_wins() -> None:
    policy = with_rows(
        {"id": "P3.company", "level": "P3", "amount": 5 * HOUR, "customer_class": "company"},
        {"id": "P3.order", "level": "P3", "amount": 4 * HOUR, "request_type": "order"},
    )
    won, lost = ends(policy, customer_class="company", request_type="order")
    assert (won, lost) == ("P3.order", {"P3.company", "email.first_response_working_day"})


def test_leads_by_level() -> None:
    assert POLICY.leads == {"P1": "tech", "P2": "business", "P3": "service", "P4": "improvement"}
