"""`portal clock due` and `portal clock explain`: deadlines computed and explained at a terminal."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cases import actions as cases
from portal.cli import main
from portal.clocks.due_command import answers, as_they_come
from portal.clocks.seed import seeded_calendars
from portal.collaboration import actions as together
from portal.factory import create_app
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.feed import feed
from tests.builders import NINE, judged_case
from tests.conftest import make_staff

Portal = Callable[..., Result]


@pytest.fixture
def portal(tmp_path: Path, filled_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """Runs `portal ...` on a fresh store."""
    (tmp_path / "portal.db").write_bytes(filled_sqlite.read_bytes())
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*words: str, given: bytes | None = None) -> Result:
        return CliRunner().invoke(main, ("clock", *words), input=given)

    yield run
    feed.stop()


def line(start: str, limit: str, calendar: str = "cn-business") -> str:
    return json.dumps({"start": start, "limit": limit, "calendar": calendar})


DUES = [
    ("2026-10-09T17:00", "2h", "cn-business", "2026-10-10T10:00:00+08:00"),
    ("2026-10-09T09:00:00Z", "2h", "cn-business", "2026-10-10T10:00:00+08:00"),
    ("2026-09-30T16:30+08:00", "3wd", "cn-business", "2026-10-10T18:00:00+08:00"),
    ("2026-10-09 17:00", "15m", "always", "2026-10-09T17:15:00+08:00"),
    ("2026-10-09 17:00", "1wd", "always", "2026-10-11T00:00:00+08:00"),
    ("2026-02-13 17:30", "2w", "always", "2026-02-27T17:30:00+08:00"),
]


def test_a_fresh_store_says_when_a_limit_ends(portal):
    start, limit, calendar, due = DUES[2]
    answer = portal("due", "--start", start, "--limit", limit, "--calendar", calendar)
    assert (answer.exit_code, answer.output) == (0, due + "\n")
    asked = "\n".join(line(*one[:3]) for one in DUES)
    answer = portal("due", "--batch", "-", given=asked.encode())
    assert [json.loads(one) for one in answer.output.splitlines()] == [{"due": one[3]} for one in DUES]


def test_the_answer_as_json_names_the_version_of_the_calendar_and_whether_it_is_provisional(portal):
    answer = portal("due", "--start", "2026-12-31T17:00", "--limit", "2h", "--json")
    assert json.loads(answer.output) == {
        "start": "2026-12-31T17:00:00+08:00", "limit": "2h", "calendar": "cn-business", "calendar_version": 1,
        "due": "2027-01-01T10:00:00+08:00", "provisional": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--start", "soon", "--limit", "2h"), "“soon” is not an instant"),
        (("--start", "2026-10-09", "--limit", "0h"), "“0h” is not a limit"),
        (("--start", "2026-10-09", "--limit", "2h", "--calendar", "moon"), "There is no calendar “moon”"),
        (("--start", "2026-10-09", "--limit", "999999999w"), "outside the years"),
    ],
)
def test_what_cannot_be_computed_is_one_sentence_and_exit_code_one(portal, words, sentence):
    answer = portal("due", *words)
    assert answer.exit_code == 1
    assert sentence in answer.output
    assert "Traceback" not in answer.output


def test_without_a_start_or_a_batch_the_command_says_how_it_is_called(portal):
    assert portal("due", "--limit", "2h").exit_code == 2
    assert portal("due", "--limit", "2h", "--batch", "-").exit_code == 2


def test_a_batch_answers_each_line_in_its_place_and_ends_with_one_for_a_bad_one(portal):
    given = "\n".join(
        [line("2026-10-09T17:00", "2h"), "nonsense", "", "[1]", '{"start": 5}', line("2026-10-09T17:00", "2 moons"),
         line("x", "2h"), line("2026-10-09T17:00", "2h", "moon"), line("9999-12-31", "2h"), "[" * 100_000,
         line("2026-10-09T17:00", "1wd")]
    )  # fmt: skip
    answer = portal("due", "--batch", "-", given=given.encode() + b"\n\xff\n")
    found = [json.loads(one) for one in answer.stdout.splitlines()]
    assert answer.exit_code == 1
    assert len(found) == 12
    assert [place for place, one in enumerate(found) if set(one) == {"due"}] == [0, 10]
    assert all(set(one) == {"error"} for place, one in enumerate(found) if place not in (0, 10))
    assert (found[0]["due"], found[10]["due"]) == ("2026-10-10T10:00:00+08:00", "2026-10-10T18:00:00+08:00")


def test_a_batch_from_a_file_without_a_bad_line_ends_with_nothing(portal, tmp_path):
    file = tmp_path / "starts.jsonl"
    file.write_text("\ufeff" + line("2026-10-09T17:00", "2h") + "\r\n" + line("2026-10-09T17:00", "1m"))
    answer = portal("due", "--batch", str(file))
    assert answer.exit_code == 0
    assert len(answer.stdout.splitlines()) == 2
    assert portal("due", "--batch", str(tmp_path / "none")).exit_code == 2


def test_whoever_sends_a_line_and_waits_has_its_answer_before_the_next(app):
    asked: list[int] = []

    class Pipe(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            asked.append(len(told))
            piece = (line("2026-10-09T17:00", "2h") + "\n").encode() if len(asked) <= 3 else b""
            buffer[: len(piece)] = piece
            return len(piece)

    told: list[dict] = []
    calendars = seeded_calendars()
    for lines in as_they_come(io.BufferedReader(Pipe())):
        told += answers(lines, calendars)
    assert asked == [0, 1, 2, 3]


@pytest.fixture
def case_no(tmp_path: Path, filled_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A P2 case paused for three hours, its result told, then not satisfied with it."""
    monkeypatch.setattr(clock, "millis", lambda: int((NINE + timedelta(hours=9)).timestamp() * 1000))
    (tmp_path / "portal.db").write_bytes(filled_sqlite.read_bytes())
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    app = create_app()
    with app.app_context():
        with transaction():
            staff = make_staff()
            case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
            together.claim(staff["handler"], NINE, case)
            said = {"means": "phone", "reached": True}
            cases.contact(staff["handler"], NINE, case, direction="out", words="请客户提供日志", **said)
            together.pause(staff["handler"], NINE + timedelta(hours=1), case, reason="customer", words="等待客户日志")
            back = NINE + timedelta(hours=4)
            cases.contact(staff["handler"], back, case, direction="in", words="日志已发来", **said)
        no = case.no
        db.session.remove()
        db.engine.dispose()
    return no


def explained(*words: str, lang: str = "C.UTF-8") -> Result:
    return CliRunner(env={"LANG": lang}).invoke(main, ("clock", "explain", *words))


def test_every_clock_is_told_with_its_rules_its_pause_and_whose_time_it_was(case_no):
    answer = explained(case_no)
    assert answer.exit_code == 0
    for kind in ("Entry", "Acknowledgement", "Judgement", "First response", "Start of work", "Answer", "Result"):
        assert re.search(rf"^{kind} (is|was) due by", answer.output, re.M)
    result = next(part for part in answer.output.split("\n\n") if part.startswith("Result is due"))
    assert "2026-11-25 12:00" in result
    assert "P2 · Result" in result
    assert "policy version 1" in result
    assert "Around the clock version 1" in result
    assert "Paused with:  Technical support" in result
    assert "00:00:00 counted, 03:00:00 not counted" in result
    assert "Traceback" not in answer.output


def test_one_kind_can_be_asked_for_in_chinese(case_no):
    answer = explained(case_no, "result", "--lang", "zh")
    assert "结果应在 2026-11-25 12:00 前完成" in answer.output
    assert "未计入 03:00:00" in answer.output
    assert "首次响应" not in answer.output
    assert explained(case_no, "result", lang="zh_CN.UTF-8").output == answer.output


def test_as_json_every_clock_has_its_lines_and_segments_that_fill_its_life(case_no):
    found = json.loads(explained(case_no, "--json").output)
    assert found["case"] == case_no
    kinds = [one["kind"] for one in found["clocks"]]
    assert {"entry", "first_response", "result"} <= set(kinds)
    for one in found["clocks"]:
        rows = [row["row"] for row in one["why"]]
        assert rows[:2] == ["start", "rule"]
        end = one["stopped"] or int(clock.now().timestamp())
        assert sum(part["counted"] + part["not_counted"] for part in one["segments"]) == end - one["start"]
        assert one["due"] == next(row["at"] for row in one["why"] if row["row"] == "due")
    first = found["clocks"][kinds.index("first_response")]
    assert [row["id"] for row in first["why"] if row["row"] == "lost"]


def test_an_unknown_case_and_an_unknown_kind_are_one_sentence(case_no):
    unknown = explained("CS0001-0001")
    assert (unknown.exit_code, "There is no case CS0001-0001" in unknown.output) == (1, True)
    assert "没有您可查看的工单" in explained("CS0001-0001", "--lang", "zh").output
    other = explained(case_no, "moon")
    assert (other.exit_code, "has no clock “moon”" in other.output) == (1, True)
