"""`portal` at a terminal: each command says in a sentence what it did, or why not."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.kernel.feed import feed
from portal.kernel.schema import wanted
from tests.builders import PASSWORD

Portal = Callable[..., Result]


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """Runs `portal ...` on a store of its own."""
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, words, input=given)

    yield run
    feed.stop()


@pytest.fixture
def store(tmp_path: Path, filled_sqlite: Path) -> None:
    """A migrated store, so that `portal init` has only little left to do."""
    shutil.copy(filled_sqlite, tmp_path / "portal.db")


def test_init_makes_a_store_and_a_second_one_changes_nothing(portal, tmp_path):
    assert portal("init").output == f"The store is ready, at schema {wanted()}.\n"
    before = (tmp_path / "portal.db").read_bytes()
    assert portal("init").exit_code == 0
    assert (tmp_path / "portal.db").read_bytes() == before


def test_a_policy_version_is_tried_at_the_terminal(portal, store):
    portal("init")
    period = ("--from", "2026-07-01", "--to", "2026-09-30")
    assert portal("policy", "try", "1", *period).output.startswith("0 cases; 0 verdicts would change")
    refused = portal("policy", "try", "9", *period)
    assert (refused.exit_code, "There is no policy version 9." in refused.output) == (1, True)
    backwards = portal("policy", "try", "1", "--from", "2026-07-02", "--to", "2026-07-01")
    assert (backwards.exit_code, "must begin before it ends" in backwards.output) == (1, True)


def test_a_command_on_a_store_without_schema_says_so(portal):
    answer = portal("user", "list")
    assert answer.exit_code == 1
    assert "the store is at schema nothing, this program needs" in answer.output


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "abc", "PORT has to be a whole number from 0 to 65535, not 'abc'"),
        ("PORT", "70000", "PORT has to be a whole number from 0 to 65535"),
        ("PORTAL_DATA", "/proc/nothing", "PORTAL_DATA has to be a folder of one's own; /proc/nothing:"),
        ("DATABASE_URL", "rubbish", "DATABASE_URL has to be postgresql://"),
        ("DATABASE_URL", "mysql://me:secret@host/store", "DATABASE_URL has to be postgresql://"),
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/store", "The store cannot be used (DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence_without_a_password(portal, monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    answer = portal("init")
    assert (answer.exit_code, answer.output.startswith(f"Error: {sentence}")) == (1, True), answer.output
    assert answer.output.count("\n") == 1
    assert "secret" not in answer.output


def test_accounts_are_opened_listed_disabled_and_given_new_passwords(portal, store):
    portal("init")
    added = portal(
        "user", "add", "Boss", "--role", "admin", "--role", "agent@service", "--password-stdin", given=PASSWORD
    )
    assert added.output == "boss can sign in; the password has to be replaced then.\n"
    assert "admin, agent@service" in portal("user", "list").output
    assert portal("user", "disable", "boss").output == "boss can no longer sign in.\n"
    assert "(disabled)" in portal("user", "list").output
    assert portal("user", "enable", "boss").exit_code == 0
    assert portal("user", "password", "boss", given=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0


@pytest.mark.parametrize(
    ("words", "password", "sentence"),
    [
        (("add", "x", "--role", "admin", "--password-stdin"), "short", "at least 10 characters"),
        (("add", "x", "--role", "king", "--password-stdin"), PASSWORD, "There is no role king."),
        (("add", "x", "--role", "agent@moon", "--password-stdin"), PASSWORD, "There is no department moon."),
        (("disable", "nobody"), None, "There is no account nobody."),
        (("password", "nobody", "--password-stdin"), PASSWORD, "There is no account nobody."),
    ],
)
def test_a_refusal_is_one_sentence(portal, store, words, password, sentence):
    portal("init")
    answer = portal("user", *words, given=password)
    assert answer.exit_code == 1
    assert sentence in answer.output
    assert "Traceback" not in answer.output


def test_one_look_of_the_worker_the_verification_and_the_doctor(portal, store):
    portal("init")
    assert portal("worker", "--once").output == "0 clocks announced, 0 notices sent.\n"
    told = portal("archive", "verify").output
    assert ("anchored up to seal 1." in told, told.endswith("Every journal holds.\n")) == (True, True)
    answer = portal("doctor")
    assert answer.exit_code == 0
    assert "fault" not in answer.output


def test_the_doctor_of_an_empty_folder_names_the_missing_schema(portal):
    answer = portal("doctor")
    assert answer.exit_code == 1
    assert answer.output.startswith("fault schema")


def test_a_demo_goes_into_an_empty_store_only(portal, store):
    portal("init")
    portal("user", "add", "boss", "--role", "admin", "--password-stdin", given=PASSWORD)
    answer = portal("demo", "--as-of", "2026-11-22T09:00+08:00")
    assert (answer.exit_code, "not empty" in answer.output) == (1, True)
    assert portal("demo", "--as-of", "yesterday").exit_code == 2


def test_a_clock_of_no_case_is_refused(portal, store):
    portal("init")
    assert portal("clock", "explain", "CS2611-0001", "result").exit_code == 1


def test_a_role_of_a_department_needs_one(portal, store):
    refused = portal("user", "add", "lost", "--role", "agent", "--password-stdin", given=PASSWORD)
    assert refused.exit_code == 2
    assert "--role agent@DEPARTMENT" in refused.output
    assert "lost" not in portal("user", "list").output
    assert portal(
        "user", "add", "found", "--role", "agent", "--unit", "service", "--password-stdin", given=PASSWORD
    ).exit_code == 0  # fmt: skip
    assert "agent@service" in portal("user", "list").output


def test_the_verification_says_by_its_exit_code_what_it_found(portal, store, tmp_path):
    portal("init")
    assert portal("archive", "verify").exit_code == 0  # nothing is there yet
    portal("worker", "--once")
    clean = json.loads(portal("archive", "verify", "--json").output)
    assert (clean["code"], clean["anchored"], clean["tail"], clean["faults"]) == (0, 1, 1, [])  # 1: the night's result
    assert portal("archive", "verify", "--since", "1").exit_code == 0
    elsewhere = tmp_path / "copy.txt"
    shutil.copy(tmp_path / "anchors" / "anchors.txt", elsewhere)
    assert portal("archive", "verify", "--anchors", str(elsewhere)).exit_code == 0
    elsewhere.write_text(elsewhere.read_text().replace("1 ", "2 ", 1))
    altered = portal("archive", "verify", "--anchors", str(elsewhere))
    assert (altered.exit_code, "ALTERED seal 2: the seal is not the one" in altered.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--since", "9"), "There is no seal 9."),
        (("--anchors", "/nowhere/anchors.txt"), "The anchors cannot be read"),
        (("--anchors", "/dev/null", "--since", "3"), "There is no seal 3."),
    ],
)
def test_a_verification_that_cannot_run_ends_with_three(portal, store, words, sentence):
    portal("init")
    answer = portal("archive", "verify", *words)
    assert (answer.exit_code, sentence in answer.output) == (3, True)
    told = json.loads(portal("archive", "verify", "--json", *words).output)
    assert (told["code"], sentence in told["error"]) == (3, True)


def test_a_verification_of_an_empty_folder_cannot_run(portal):
    answer = portal("archive", "verify")
    assert (answer.exit_code, "at schema nothing" in answer.output) == (3, True)


def test_the_verification_speaks_chinese(portal, store, monkeypatch):
    portal("init")
    portal("worker", "--once")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert portal("archive", "verify").output.endswith("所有日志均完好。\n")
