"""Every deadline of the golden table: the portal says what was counted by hand, and so does a walker of its own."""

from typing import Any

import pytest

from portal.clocks.calendar import Calendar, from_data, provisional, verdict
from portal.clocks.deadlines import deadline, parse_limit
from portal.clocks.rules import Facts, decide, load_policy
from portal.clocks.seed import seeded_calendars, seeded_policy
from tests.golden.table import DATA, calendar_data, limits
from tests.golden.walker import Walker

WALKERS = {code: Walker(data) for code, data in calendar_data().items()}
CALENDARS: dict[str, Calendar] = {code: from_data(data) for code, data in calendar_data().items()}
POLICY = load_policy(seeded_policy())
STARTS = ("2026-10-09 17:00", "2026-09-30 16:30", "2026-02-13 17:30")  # of the nine lines of the requirements


def at(text: str, calendar: str = "always") -> int:
    """Epoch second of a wall-clock time."""
    return int(WALKERS[calendar].instant(text).timestamp())


def named(row: dict[str, Any]) -> str:
    """How a row is called in the tests' output."""
    return "-".join(str(row[name]) for name in ("kind", "start", "limit", "stopped") if name in row).replace(" ", "_")


LIMITS = [pytest.param(code, row, id=f"{code}-{named(row)}") for code, row in limits()]
PAUSED = [pytest.param(row, id=named(row)) for row in DATA["paused"]["deadlines"]]
CASES = [pytest.param(row, id=named(row)) for row in DATA["cases"]["deadlines"]]
VERDICTS = [pytest.param(row, id=named(row)) for row in DATA["verdicts"]["deadlines"]]


def pauses_of(row: dict[str, Any]) -> list[list[str]]:
    """The pauses of a row as wall-clock times."""
    return [pause.split("/") for pause in row["pauses"]]


@pytest.mark.parametrize(("code", "row"), LIMITS)
def test_the_portal_says_what_was_counted_by_hand(code: str, row: dict[str, Any]) -> None:
    calendar, start = CALENDARS[code], at(row["start"], code)
    due = calendar.due(start, *parse_limit(row["limit"]))
    assert due == at(row["due"], code)
    assert provisional(calendar, due, start) is row.get("provisional", False)


@pytest.mark.parametrize(("code", "row"), LIMITS)
def test_a_walk_minute_by_minute_ends_there_too(code: str, row: dict[str, Any]) -> None:
    walker = WALKERS[code]
    assert walker.due(walker.instant(row["start"]), row["limit"]) == walker.instant(row["due"])


@pytest.mark.parametrize("row", PAUSED)
def test_pauses_move_the_due_instant_by_the_working_time_in_them(row: dict[str, Any]) -> None:
    code = row["calendar"]
    stretches = [(at(since, code), at(until, code), "paused") for since, until in pauses_of(row)]
    found = deadline(*parse_limit(row["limit"]), CALENDARS[code], at(row["start"], code), stretches)
    assert found == at(row["due"], code)
    walker = WALKERS[code]
    stopped = [(walker.instant(since), walker.instant(until)) for since, until in pauses_of(row)]
    assert walker.due(walker.instant(row["start"]), row["limit"], stopped) == walker.instant(row["due"])


@pytest.mark.parametrize("row", CASES)
def test_the_limit_that_binds_a_case_and_where_it_ends(row: dict[str, Any]) -> None:
    facts = Facts(
        channel=row["channel"], level=row.get("level"), proposed_level=row.get("proposed"),
        urgent=row.get("urgent", False), complexity="complex" if row.get("complex") else "simple",
        received=at(row["start"]),
    )  # fmt: skip
    decision = decide(POLICY, seeded_calendars(), row["kind"], facts, facts.received)
    assert decision is not None
    assert (decision.winner.id, decision.due) == (row["rule"], at(row["due"]))
    assert all(lost.due >= decision.due for lost in decision.losers) or decision.combine != "stricter"


@pytest.mark.parametrize("row", VERDICTS)
def test_met_at_the_due_second_and_missed_one_later(row: dict[str, Any]) -> None:
    assert verdict(at(row["due"]), at(row["stopped"])) == row["verdict"]


def test_the_nine_lines_of_the_requirements_stand_in_the_table() -> None:
    rows = {(code, row["start"], row["limit"]) for code, row in limits()}
    assert {("cn-business", start, limit) for start in STARTS for limit in ("2h", "1wd", "3wd")} <= rows


def test_the_table_is_long_enough_says_why_and_names_nothing_twice() -> None:
    rows = [(code, row["start"], row["limit"]) for code, row in limits()]
    assert len(rows) >= 60
    assert len(set(rows)) == len(rows)
    assert all(len(row["why"]) > 5 for part in DATA.values() for row in part["deadlines"])
