"""Definitions as text and as data: what is shipped, what is read and written, what is refused."""

import pytest

from portal.workflows import yaml_text
from portal.workflows.definition import from_data, to_data
from portal.workflows.shipped import FLOWS, shipped


@pytest.mark.parametrize("flow", FLOWS)
def test_a_shipped_flow_survives_being_written_and_read(flow: str) -> None:
    definition = shipped(flow)
    assert from_data(to_data(definition)) == definition
    assert from_data(yaml_text.read(yaml_text.write(to_data(definition)))) == definition


def test_every_limit_of_a_shipped_flow_says_who_asks_for_it() -> None:
    for flow in FLOWS:
        definition = shipped(flow)
        assert definition.clause
        for step in definition.steps:
            timed = step.limit.share or step.limit.fixed
            assert bool(step.limit.clause) == bool(timed) == (step.kind != "end" and not step.decided_by), step.code


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    assert yaml_text.read("{a: no, b: 2h, c: 12, d: true, e: 2026-10-01, f: ~, g: 1_0}") == {
        "a": "no", "b": "2h", "c": 12, "d": True, "e": "2026-10-01", "f": "~", "g": "1_0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: {", 2), ("a: &x [1]\nb: *x", 2), ("!!python/object:os.system {}", 1), ("[" * 3000, 0)],
)
def test_a_text_that_is_no_plain_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(yaml_text.Unreadable) as refused:
        yaml_text.read(text)
    assert refused.value.line == line


def test_a_text_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(yaml_text.Unreadable):
        yaml_text.read("a" * (yaml_text.LONGEST + 1))
