"""The golden table as rows, and as the section of docs/policy.md that shows it (`python -m tests.golden.table`)."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "policy.md"
FILE = Path(__file__).with_name("deadlines.toml")
CALENDARS = ROOT / "portal" / "clocks" / "data" / "calendars.toml"
BEGIN, END = "<!-- golden deadlines: begin -->", "<!-- golden deadlines: end -->"
OWN = ("paused", "cases", "verdicts")  # tables that are no calendars
DATA: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
Row = dict[str, Any]


def calendar_data() -> dict[str, dict[str, Any]]:
    """Plain data of every calendar the table counts on: the two shipped ones and those of the table."""
    shipped = {row["code"]: row for row in tomllib.loads(CALENDARS.read_text(encoding="utf-8"))["calendars"]}
    made = {name: {"code": name, "version": 1} | part for name, part in DATA.items() if "week" in part}
    return shipped | made


def limits() -> list[tuple[str, Row]]:
    """(calendar, row) of every plain deadline."""
    return [(name, row) for name, part in DATA.items() if name not in OWN for row in part["deadlines"]]


def section() -> str:
    """The generated part of docs/policy.md."""
    return "\n".join([BEGIN, *_lines(), END])


def _lines() -> Iterator[str]:
    yield from _head("calendar", "start", "limit", "due", "why")
    for calendar, row in limits():
        mark = " (provisional)" if row.get("provisional") else ""
        yield f"| {calendar} | {row['start']} | {row['limit']} | {row['due']}{mark} | {row['why']} |"
    yield from (
        "",
        "With pauses:",
        "",
        "| calendar | start | limit | paused | due | why |",
        "|---|---|---|---|---|---|",
    )
    for row in DATA["paused"]["deadlines"]:
        pauses = "; ".join(pause.replace("/", " to ") for pause in row["pauses"])
        yield f"| {row['calendar']} | {row['start']} | {row['limit']} | {pauses} | {row['due']} | {row['why']} |"
    yield from (
        "",
        "Which limit binds:",
        "",
        "| kind | case | received | rule | due | why |",
        "|---|---|---|---|---|---|",
    )
    for row in DATA["cases"]["deadlines"]:
        yield f"| {row['kind']} | {_case(row)} | {row['start']} | {row['rule']} | {row['due']} | {row['why']} |"
    yield from _head("due", "stopped", "verdict", "why", title="Met or missed:")
    for row in DATA["verdicts"]["deadlines"]:
        yield f"| {row['due']} | {row['stopped']} | {row['verdict']} | {row['why']} |"
    yield ""


def _head(*names: str, title: str = "") -> list[str]:
    return [*(["", title] if title else []), "", f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def _case(row: Row) -> str:
    level = row.get("level") or (f"proposed {row['proposed']}" if "proposed" in row else "not judged")
    more = [name for name in ("urgent", "complex") if row.get(name)]
    return ", ".join([level, row["channel"], *more])


def write() -> None:
    """Puts the section into docs/policy.md."""
    text = DOC.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOC.write_text(before + section() + after, encoding="utf-8")


if __name__ == "__main__":
    write()
