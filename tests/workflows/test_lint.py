"""The linter: each thing it finds, what it lets pass, and that what passes always comes to an end."""

import time
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workflows.definition import Choice, Definition, Evidence, Limit, Name, Return
from portal.workflows.lint import Known, errors, lint
from portal.workflows.shipped import FLOWS, shipped
from portal.workflows.words import REFUSALS
from tests.laws import tried
from tests.workflows.walks import NAME, WHY, definitions, flow, grown, step, walked, ways

E = step("e", "end")
KNOWN = Known({"tech": 3, "empty": 0}, ("head",), ("always", "cn-business"))
WHICH = Evidence("which", NAME, "choice", choices=(Choice("x", NAME), Choice("y", NAME)))
FOUND: list[tuple[str, str, Definition]] = [
    ("no_steps", "", flow()),
    ("no_first", "", flow(step("a", next=("e",)), E, first="")),
    ("no_end", "", flow(step("a", next=("a",)))),
    ("code_bad", "", flow(step("A b", next=("e",)), E, first="A b")),
    ("code_twice", "", flow(step("a", next=("e",)), step("a", next=("e",)), E)),
    ("entry_twice", "a", flow(step("a", next=("e",), evidence=(Evidence("x", NAME), Evidence("x", NAME))), E)),
    ("name_missing_en", "a", flow(replace(step("a", next=("e",)), name=Name("名", " ")), E)),
    ("name_missing_zh", "a", flow(replace(step("a", next=("e",)), name=Name("", "n")), E)),
    ("step_unknown", "a", flow(step("a", next=("e", "b")), E)),
    ("kind_unknown", "a", flow(step("a", "dance", next=("e",)), E)),
    ("evidence_unknown", "a", flow(step("a", next=("e",), evidence=(Evidence("x", NAME, "song"),)), E)),  # type: ignore[arg-type]
    ("nothing_to_choose", "a", flow(step("a", next=("e",), evidence=(Evidence("x", NAME, "choice"),)), E)),
    ("end_goes_on", "e", flow(step("a", next=("e",)), step("e", "end", next=("a",)))),
    ("end_without_result", "e", flow(step("a", next=("e",)), step("e", "end", result=""))),
    ("holder_missing", "a", flow(step("a", holder="", next=("e",)), E)),
    ("dead_end", "b", flow(step("a", next=("e", "b")), step("b"), E)),
    ("outcomes_unused", "a", flow(step("a", next=("e",), outcomes=ways(x="e")), E)),
    ("no_outcome", "a", flow(step("a", "decision"), E)),
    ("one_outcome", "a", flow(step("a", "decision", outcomes=ways(x="e")), E)),
    ("decision_with_next", "a", flow(step("a", "decision", next=("e",), outcomes=ways(x="e", y="e")), E)),
    ("outcome_dead_end", "a", flow(step("a", "decision", outcomes=ways(x="e", y="")), E)),
    ("field_unknown", "a", flow(step("a", "decision", decided_by="w", outcomes=ways(x="e", y="e")), E)),
    ("field_not_choice", "a", flow(step("a", "decision", decided_by="w", outcomes=ways(x="e", y="e")), E,
                                   fields=(Evidence("w", NAME),))),
    ("value_without_outcome", "a", flow(step("a", "decision", decided_by="which", outcomes=ways(x="e", z="e")), E,
                                        fields=(WHICH,))),
    ("outcome_without_value", "a", flow(step("a", "decision", decided_by="which", outcomes=ways(x="e", z="e")), E,
                                        fields=(WHICH,))),
    ("limit_twice", "a", flow(step("a", next=("e",), limit=Limit(100, "1wd")), E)),
    ("share_bad", "a", flow(step("a", next=("e",), limit=Limit(101)), E)),
    ("limit_no_time", "a", flow(step("a", next=("e",), limit=Limit(fixed="-4h")), E)),
    ("limit_unreadable", "a", flow(step("a", next=("e",), limit=Limit(fixed="soon")), E)),
    ("limit_exceeds", "a", flow(step("a", next=("e",), limit=Limit(fixed="11wd")), E)),
    ("shares_sum", "", flow(step("a", next=("e",), limit=Limit(99)), E)),
    ("calendar_unknown", "a", flow(step("a", next=("e",), limit=Limit(fixed="1h", calendar="moon")), E)),
    ("role_unknown", "a", flow(step("a", next=("e",), role="king"), E)),
    ("unit_unknown", "a", flow(step("a", holder="moon", next=("e",)), E)),
    ("nobody_there", "a", flow(step("a", holder="empty", next=("e",)), E)),
    ("unit_unknown", "e", flow(step("a", next=("e",)), replace(E, tells=("moon",)))),
    ("return_without_reason", "b", flow(step("a", next=("b",)), step("b", next=("e",), returns=(Return("a", ()),)), E)),
    ("return_not_before", "a", flow(step("a", next=("b",), returns=(Return("b", WHY),)), step("b", next=("e",)), E)),
    ("return_twice", "b", flow(step("a", next=("b",)),
                               step("b", next=("e",), returns=(Return("a", WHY), Return("a", WHY))), E)),
    ("return_hangs", "f", flow(step("a", next=("b", "c")), step("b", next=("j",)),
                               step("c", "decision", outcomes=ways(x="d", y="f")), step("d", next=("j",)),
                               step("j", next=("f",), waits_for=("b", "d")),
                               step("f", next=("e",), returns=(Return("b", WHY),)), E)),
    ("unreachable", "b", flow(step("a", next=("e",)), step("b", next=("e",)), E)),
    ("join_not_led_to", "c", flow(step("a", next=("b", "c")), step("b", next=("e",)),
                                  step("c", next=("e",), waits_for=("b",)), E)),
    ("join_never", "j", flow(step("a", "decision", outcomes=ways(x="b", y="c")), step("b", next=("j",)),
                             step("c", next=("j",)), step("j", next=("e",), waits_for=("b", "c")), E)),
    ("join_sometimes", "j", flow(step("a", next=("b", "c")), step("b", "decision", outcomes=ways(x="d", y="j")),
                                 step("c", next=("j",)), step("d", next=("j",)),
                                 step("j", next=("e",), waits_for=("c", "d")), E)),
    ("begins_twice", "j", flow(step("a", next=("b", "c")), step("b", next=("j",)), step("c", next=("j",)),
                               step("j", next=("e",)), E)),
    ("goes_round", "a", flow(step("a", next=("b",)), step("b", "decision", outcomes=ways(x="a", y="e")), E)),
    ("end_leaves_work", "e", flow(step("a", next=("b", "e")), step("b", next=("f",)), E, step("f", "end"))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "place", "definition"), FOUND, ids=[code for code, *_ in FOUND])
def test_what_is_wrong_is_found_at_its_step(code: str, place: str, definition: Definition) -> None:
    assert (code, place) in {(one.code, one.step) for one in lint(definition, KNOWN)}


def test_every_finding_has_its_sentence(app: Any) -> None:
    tried = {code: one.facts for code, _place, d in FOUND for one in lint(d, KNOWN) if one.code == code}
    assert {f"flow_{code}" for code in tried} | {"flow_too_many_ways"} <= set(REFUSALS)
    for code, facts in tried.items():
        assert str(REFUSALS[f"flow_{code}"]) % facts


@pytest.mark.parametrize("flow_code", FLOWS)
def test_a_shipped_flow_has_no_findings(flow_code: str) -> None:
    assert lint(shipped(flow_code)) == []


def test_decisions_by_one_field_choose_alike() -> None:
    """The far end is waited for only where it began, because both decisions follow the same field."""
    both = {"decided_by": "which", "outcomes": ways(x="b far", y="b")}
    then = {"decided_by": "which", "outcomes": ways(x="j", y="e")}
    steps = (
        step("a", "decision", **both), step("b", next=("c",)), step("far", next=("j",)), step("c", "decision", **then),
        step("j", next=("e",), waits_for=("far", "c")), E,
    )  # fmt: skip
    assert lint(flow(*steps, fields=(WHICH,))) == []
    apart = (replace(steps[0], decided_by=""), *steps[1:])
    assert "join_sometimes" in {one.code for one in lint(flow(*apart, fields=(WHICH,)))}


def test_a_share_on_a_way_that_nobody_can_go_does_not_count() -> None:
    steps = (
        step("a", "decision", decided_by="which", outcomes=ways(x="b", y="c")),
        step("b", next=("d",), limit=Limit(60)), step("c", next=("d",), limit=Limit(50)),
        step("d", "decision", decided_by="which", outcomes=ways(x="f", y="g")),
        step("f", next=("e",), limit=Limit(40)), step("g", next=("e",), limit=Limit(50)), E,
    )  # fmt: skip
    assert lint(flow(*steps, fields=(WHICH,))) == []  # 60 + 50 would be 110


def large(decisions: int, count: int = 60) -> Definition:
    """A chain of decisions with two ways each, then steps, until it has `count` steps."""
    steps = []
    for n in range(decisions):
        then = f"d{n + 1}" if n + 1 < decisions else "t0"
        steps.append(step(f"d{n}", "decision", outcomes=ways(a=f"x{n}", b=f"y{n}")))
        steps += [step(f"{way}{n}", next=(then,), limit=Limit(1)) for way in "xy"]
    rest = count - 1 - len(steps)
    for n in range(rest):
        share = 100 - decisions - (rest - 1) if n == 0 else 1
        steps.append(step(f"t{n}", next=(f"t{n + 1}" if n + 1 < rest else "e",), limit=Limit(share)))
    return flow(*steps, E, first="d0")


def test_a_flow_of_sixty_steps_is_checked_at_once() -> None:
    definition = large(12)
    assert len(definition.steps) == 60
    start = time.thread_time()
    assert lint(definition) == []
    assert time.thread_time() - start < 0.05


def test_a_flow_with_too_many_decisions_says_so() -> None:
    assert [one.code for one in lint(large(17))] == ["too_many_ways"]


@tried(300)
@given(definitions(), st.integers(0, 1 << 30))
def test_what_passes_the_linter_always_comes_to_an_end(definition: Definition, seed: int) -> None:
    if not errors(lint(definition)):
        random = Random(seed)
        assert all(walked(definition, random) for _ in range(20))


@pytest.mark.parametrize("flow_code", FLOWS)
def test_every_walk_through_a_shipped_flow_comes_to_an_end(flow_code: str) -> None:
    random, definition = Random(5), shipped(flow_code)
    ends = {walked_by_field(definition, random) for _ in range(300)}
    assert ends == {one.code for one in definition.steps if one.kind == "end"}


def walked_by_field(definition: Definition, random: Random) -> str:
    """A walk in which each deciding field has a value of its own."""
    values = {f.code: random.choice(f.choices).code for f in definition.fields if f.choices}
    steps = tuple(
        replace(one, outcomes=tuple(w for w in one.outcomes if w.code == values[one.decided_by]), decided_by="")
        if one.decided_by
        else one
        for one in definition.steps
    )
    return walked(replace(definition, steps=steps), random)


@tried(150)
@given(st.integers(0, 1 << 30))
def test_what_is_grown_of_sound_blocks_passes_and_ends(seed: int) -> None:
    random = Random(seed)
    definition = grown(random)
    assert {one.code for one in lint(definition)} <= {"unreachable"}  # the early end, where nothing leads to it
    assert all(walked(definition, random) for _ in range(10))


@tried(300)
@given(st.integers(0, 1 << 30))
def test_what_still_passes_with_one_thing_changed_ends_as_well(seed: int) -> None:
    random = Random(seed)
    definition = grown(random)
    n = random.randrange(len(definition.steps))
    one, other = definition.steps[n], random.choice(definition.steps)
    change: Any = random.choice(
        ({"waits_for": one.waits_for[:1]}, {"waits_for": (other.code,)}, {"next": (other.code,)})
    )
    steps = (*definition.steps[:n], replace(one, **change), *definition.steps[n + 1 :])
    changed = replace(definition, steps=steps)
    if not [found for found in errors(lint(changed)) if found.code != "unreachable"]:
        assert all(walked(changed, random) for _ in range(10))
