"""Versions of flows: seeded, drafted, reviewed by another person, in force from a day; orders keep theirs."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.identity import actions as identity
from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused, Stale
from portal.workflows import flow_actions, flow_drafts, seed, versions, yaml_text
from portal.workflows.definition import from_data, to_data
from portal.workflows.flow_command import flow as command
from portal.workflows.lint import Known, errors, lint
from portal.workflows.shipped import FLOWS, shipped
from tests.builders import NINE
from tests.workflows.conftest import settled

TOMORROW = date(2026, 11, 25)


def renamed(data: dict[str, Any]) -> dict[str, Any]:
    """Another English name for the first step."""
    return data | {"steps": [data["steps"][0] | {"name": {"zh": "提出", "en": "Raised"}}, *data["steps"][1:]]}


def written(staff: Any, flow: str = "fault") -> Any:
    """A draft by the head with one change."""
    with transaction():
        draft = flow_actions.open_draft(staff["head"], NINE, flow)
        return flow_actions.write(staff["head"], NINE, flow, draft.version, draft.revision, renamed)


def test_shipped_flows_wait_as_drafts_until_what_they_name_is_there(staff: Any) -> None:
    assert {rows[0].state for rows in versions.flows().values()} == {"draft"}
    with pytest.raises(Missing):
        versions.newest("presales", NINE)
    found = {one.facts["unit"] for one in lint(shipped("presales"), versions.known(NINE)) if "unit" in one.facts}
    assert {"netops", "enterprise"} <= found
    with transaction():
        settled()
        assert seed.take_up(NINE, NINE) == list(FLOWS)
    assert [one.flow for one in versions.all_newest(NINE)] == list(FLOWS)
    assert versions.newest("presales", NINE) == shipped("presales")
    assert seed.lacking() == []


def test_a_unit_without_people_is_found(staff: Any) -> None:
    known = versions.known(NINE)
    assert known.units["service"] > 1
    with transaction():
        identity.add_unit(SYSTEM, "netops", "网运", parent_id=people.unit_id("hq"))
    assert versions.known(NINE).units["netops"] == 0
    assert "nobody_there" in {one.code for one in lint(shipped("fault"), versions.known(NINE))}


def test_a_change_holds_from_its_day_after_another_person_has_approved_it(held: Any) -> None:
    draft = written(held)
    with transaction():
        flow_actions.hand_in(held["head"], NINE, "fault", 2, "clearer name")
    with pytest.raises(Refused, match="flow_own_draft"), transaction():
        flow_actions.approve(held["head"], NINE, "fault", 2, TOMORROW)
    with transaction():
        flow_actions.approve(held["quality"], NINE, "fault", 2, TOMORROW, "good")
    assert (draft.version, draft.by_id, draft.reviewed_by) == (2, held["head"].id, held["quality"].id)
    assert versions.newest("fault", NINE).version == 1
    later = versions.newest("fault", NINE + timedelta(days=1))
    assert (later.version, later.steps[0].name.en) == (2, "Raised")
    assert versions.definition("fault", 1).steps[0].name.en == "Fault reported"  # a running order keeps its own
    with pytest.raises(Refused, match="flow_in_other_state"), transaction():
        flow_actions.write(held["head"], NINE, "fault", 2, 2, renamed)


def test_a_draft_with_a_dead_end_cannot_be_handed_in(held: Any) -> None:
    with transaction():
        draft = flow_actions.open_draft(held["head"], NINE, "fault")
        flow_actions.write(
            held["head"], NINE, "fault", 2, draft.revision, lambda data: flow_drafts.without_step(data, "confirm")
        )
    with pytest.raises(Refused, match="flow_has_errors"), transaction():
        flow_actions.hand_in(held["head"], NINE, "fault", 2, "shorter")
    assert versions.one("fault", 2).state == "draft"


def test_what_nobody_changed_is_not_handed_in(held: Any) -> None:
    with transaction():
        flow_actions.open_draft(held["head"], NINE, "fault")
        assert flow_actions.open_draft(held["admin"], NINE, "fault").version == 2  # there is one draft at most
    with pytest.raises(Refused, match="flow_changes_nothing"), transaction():
        flow_actions.hand_in(held["head"], NINE, "fault", 2, "why not")


def test_the_second_of_two_writers_is_told(held: Any) -> None:
    draft = written(held)
    with pytest.raises(Stale), transaction():
        flow_actions.write(held["admin"], NINE, "fault", 2, draft.revision - 1, renamed)


def test_a_version_sent_back_is_written_on_and_a_discarded_one_stays_readable(held: Any) -> None:
    written(held)
    with transaction():
        flow_actions.hand_in(held["head"], NINE, "fault", 2, "look")
    with pytest.raises(Invalid, match="flow_say_why"), transaction():
        flow_actions.send_back(held["quality"], NINE, "fault", 2, " ")
    with transaction():
        flow_actions.send_back(held["quality"], NINE, "fault", 2, "not clear")
        assert flow_actions.discard(held["head"], NINE, "fault", 2, "no longer wanted").state == "discarded"
        assert flow_actions.open_draft(held["head"], NINE, "fault").version == 3


@pytest.mark.parametrize(("day", "code"), [(date(2026, 11, 23), "flow_day_past")])
def test_a_version_does_not_hold_from_a_day_that_is_over(held: Any, day: date, code: str) -> None:
    written(held)
    with transaction():
        flow_actions.hand_in(held["head"], NINE, "fault", 2, "look")
    with pytest.raises(Invalid, match=code), transaction():
        flow_actions.approve(held["quality"], NINE, "fault", 2, day)


def test_who_may_not_write_is_refused(held: Any) -> None:
    with pytest.raises(Forbidden), transaction():
        flow_actions.open_draft(held["handler"], NINE, "fault")


def test_a_definition_comes_back_from_its_file_once(held: Any) -> None:
    data = yaml_text.read(yaml_text.write(to_data(shipped("cutover"))))
    with transaction():
        first = flow_actions.bring(held["head"], NINE, data | {"flow": "night_cutover"}, key="k1")
        again = flow_actions.bring(held["head"], NINE, data | {"flow": "night_cutover"}, key="k1")
        known = flow_actions.bring(held["head"], NINE, data, key="k2")
    assert (first.id, first.version, first.state) == (again.id, 1, "draft")
    assert (known.flow, known.version) == ("cutover", 2)
    assert from_data(first.data).steps == shipped("cutover").steps


@pytest.mark.parametrize("data", [[], {}, {"flow": "x"}, {"flow": "x", "steps": 5}, "text", None])
def test_what_is_no_definition_is_refused(held: Any, data: Any) -> None:
    with pytest.raises(Invalid), transaction():
        flow_actions.bring(held["head"], NINE, data)
    with pytest.raises(Invalid), transaction():
        flow_actions.bring(held["head"], NINE, to_data(shipped("fault")) | {"steps": "abc"})


def test_steps_are_renamed_moved_and_taken_out_with_what_leads_to_them() -> None:
    data = to_data(shipped("fault"))
    verify = flow_drafts.step_of(data, "verify")
    assert verify is not None
    other = from_data(flow_drafts.with_step(data, "verify", verify | {"code": "tested"}))
    assert other.step("repair").next == ("tested",)
    assert other.step("confirm").returns[0].to == "tested"
    assert not errors(lint(other))
    less = from_data(flow_drafts.without_step(data, "verify"))
    assert (less.step("repair").next, less.step("confirm").returns) == ((), ())
    up = flow_drafts.moved(data, "verify", -1)
    assert [one.step for one in flow_drafts.differences(data, up)] == []
    more = flow_drafts.with_step(data, "", verify | {"code": "extra"}, after="report")
    assert [step["code"] for step in more["steps"]][:2] == ["report", "extra"]
    assert [(one.step, one.what) for one in flow_drafts.differences(data, more)] == [("extra", "step")]


def test_the_commands_list_and_check(held: Any, app: Any, tmp_path: Path) -> None:
    run: Callable[..., Any] = CliRunner().invoke
    assert "presales" in run(command, ["list"]).output
    good = tmp_path / "good.yaml"
    good.write_text(yaml_text.write(to_data(shipped("fault"))), encoding="utf-8")
    answer = run(command, ["lint", str(good)])
    assert (answer.exit_code, answer.output.strip()) == (0, "9 steps, 0 errors, 0 warnings")
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text(encoding="utf-8").replace("next: [done]", "next: []"), encoding="utf-8")
    answer = run(command, ["lint", str(bad)])
    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1].startswith("9 steps, ")
    bad.write_text("a: {", encoding="utf-8")
    assert run(command, ["lint", str(bad)]).exit_code == 1


def test_facts_of_a_dissolved_unit_are_found() -> None:
    units = {one: 1 for step in shipped("fault").steps for one in (step.holder, *step.tells) if not one.startswith("@")}
    known = Known(units, ("head", "dispatcher"), ("always",))
    assert lint(shipped("fault"), known) == []
    assert {one.step for one in lint(shipped("fault"), known.__class__(units | {"logistics": 0}, (), ("always",)))} == {
        "repair_line"
    }
