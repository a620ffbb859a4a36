"""The pages of flows: the list, a version with its picture, steps written, checked, handed in and approved."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from portal.kernel.db import transaction
from portal.workflows import flow_actions, versions, yaml_text
from portal.workflows.definition import to_data
from portal.workflows.shipped import FLOWS, shipped
from tests.builders import NINE
from tests.workflows.test_flow_versions import renamed

STEP = {
    "seen": "1", "name_zh": "定位", "name_en": "Located", "code": "locate", "kind": "task", "holder": "tech",
    "share": "25", "next": ["repair"],
}  # fmt: skip


@pytest.fixture
def head(held: Any, signed_in: Callable[..., Any], at: Any) -> Any:
    """The head of a department, who writes flows."""
    at(NINE)
    return signed_in(held["head"])


def drafted(staff: Any) -> None:
    """An open draft of fault handling."""
    with transaction():
        flow_actions.open_draft(staff["head"], NINE, "fault")


def text(answer: Any) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_everybody_concerned_sees_the_flows_and_their_pictures(head: Any) -> None:
    page = text(head.get("/flows"))
    assert all(shipped(flow).name.zh in page for flow in FLOWS)
    answer = head.get("/flows/provisioning")
    assert answer.get_data(as_text=True).count('<svg class="flow-picture"') == 2
    table = text(answer)
    for step in shipped("provisioning").steps:
        assert step.name.zh in table
    assert "施工单" in table
    assert "资料不全" in table


def test_a_step_is_written_and_the_draft_goes_its_way(head: Any, held: Any, signed_in: Any) -> None:
    assert head.post("/flows/fault/draft").location.endswith("/flows/fault/2")
    page = head.get("/flows/fault/2/step/verify").get_data(as_text=True)
    assert 'value="恢复测试"' in page
    form = STEP | {
        "code": "verify", "name_zh": "恢复验证", "next": ["confirm"], "share": "10", "kind": "task",
        "evidence": "test_passed | 业务恢复 | The service is back | check",
        "returns": "locate | not_restored | 故障未恢复 | The fault remains",
    }  # fmt: skip
    assert head.post("/flows/fault/2/step/verify", data=form).status_code == 303
    assert "恢复验证" in text(head.get("/flows/fault/2"))
    assert "恢复测试" in text(head.get("/flows/fault/2/compare"))
    assert head.post("/flows/fault/2/do/hand_in", data={"hand_in-why": "clearer"}).status_code == 303
    assert "不能复核" in text(head.post("/flows/fault/2/do/approve", data={"approve-day": "2026-11-24"}))
    other = signed_in(held["quality"])
    assert other.post("/flows/fault/2/do/approve", data={"approve-day": "2026-11-24"}).status_code == 303
    assert versions.newest("fault", NINE).step("verify").name.zh == "恢复验证"


def test_the_editor_refuses_a_dead_end_and_says_where(head: Any, held: Any) -> None:
    drafted(held)
    dead = STEP | {"code": "verify", "next": [], "share": "10"}
    checked = text(head.post("/flows/fault/2/step/verify/check", data=dead))
    assert "死路" in checked
    assert versions.one("fault", 2).revision == 1  # the check keeps nothing
    assert head.post("/flows/fault/2/step/verify", data=dead).status_code == 303  # a draft may be unfinished
    page = head.get("/flows/fault/2").get_data(as_text=True)
    assert "死路" in page
    assert "do/hand_in" not in page
    assert head.post("/flows/fault/2/do/hand_in", data={"hand_in-why": "now"}).status_code == 409


def test_nothing_typed_is_lost(head: Any, held: Any) -> None:
    drafted(held)
    bad = STEP | {"code": "verify", "share": "ten", "evidence": "half | a line"}
    answer = head.post("/flows/fault/2/step/verify", data=bad)
    assert answer.status_code == 422
    assert 'value="ten"' in answer.get_data(as_text=True)
    answer = head.post("/flows/fault/2/step/verify", data=bad | {"share": "10"})
    assert (answer.status_code, "half | a line" in answer.get_data(as_text=True)) == (422, True)
    assert "第 1 行" in text(answer)
    with transaction():
        flow_actions.write(held["admin"], NINE, "fault", 2, 1, renamed)
    answer = head.post("/flows/fault/2/step/verify", data=STEP | {"code": "verify", "name_zh": "我写的"})
    assert (answer.status_code, 'value="我写的"' in answer.get_data(as_text=True)) == (409, True)


def test_steps_are_added_moved_and_taken_out(head: Any, held: Any) -> None:
    drafted(held)
    twice = head.post("/flows/fault/2/step/new", data=STEP)
    assert (twice.status_code, "两道工序" in text(twice)) == (422, True)
    assert head.post("/flows/fault/2/step/new", data=STEP | {"code": ""}).status_code == 422
    assert head.post("/flows/fault/2/step/new", data=STEP | {"code": "call"}).status_code == 303
    assert head.post("/flows/fault/2/step/call/up").status_code == 303
    assert [one["code"] for one in versions.one("fault", 2).data["steps"]][-2:] == ["call", "done"]
    assert head.post("/flows/fault/2/step/call/remove").status_code == 303
    assert "call" not in [one["code"] for one in versions.one("fault", 2).data["steps"]]
    assert head.post("/flows/fault/2/step/call/remove").status_code == 404


def test_the_whole_is_written(head: Any, held: Any) -> None:
    drafted(held)
    assert "vip = 4h" in head.get("/flows/fault/2/whole").get_data(as_text=True)
    form = {"seen": "1", "name_zh": "故障", "name_en": "Fault", "limit": "6h", "calendar": "always",
            "first": ["report"], "classes": "vip = 2h", "fields": "circuit | 电路 | Circuit"}  # fmt: skip
    assert head.post("/flows/fault/2/whole", data=form | {"classes": "vip 2h"}).status_code == 422
    assert head.post("/flows/fault/2/whole", data=form).status_code == 303
    definition = versions.definition("fault", 2)
    assert (definition.limit, dict(definition.classes), len(definition.fields)) == ("6h", {"vip": "2h"}, 1)


def test_a_definition_goes_out_as_a_file_and_comes_in_again(head: Any, held: Any) -> None:
    out = head.get("/flows/cutover/1/yaml")
    assert yaml_text.read(out.get_data(as_text=True)) == to_data(shipped("cutover"))
    file = (io.BytesIO(out.get_data().replace(b"flow: cutover", b"flow: second")), "x.yaml")
    answer = head.post("/flows/bring", data={"key": "k", "file": file}, content_type="multipart/form-data")
    assert answer.location.endswith("/flows/second/1")
    for wrong, line in (("a: {", "1"), ("", ""), ("[]", ""), ("flow: x", "name")):
        refused = head.post("/flows/bring", data={"key": "n", "text": wrong})
        assert refused.status_code == 422
        assert line in text(refused)


def test_a_department_that_is_not_there_is_not_lost_by_saving(staff: Any, signed_in: Any, at: Any) -> None:
    """In a store without the departments of the shipped flows the form still shows the one that holds the step."""
    at(NINE)
    page = signed_in(staff["head"]).get("/flows/fault/1/step/repair").get_data(as_text=True)
    assert re.search(r'<option selected value="netops">', page)


def test_who_only_reads_gets_no_forms(held: Any, signed_in: Any) -> None:
    agent = signed_in(held["agent"])
    page = agent.get("/flows/fault").get_data(as_text=True)
    assert "/flows/fault/draft" not in page
    assert agent.post("/flows/fault/draft").status_code == 403
    assert agent.get("/flows/fault/1/step/report").status_code == 403


def test_both_engines_know_who_belongs_to_a_unit(engine: str, held: Any) -> None:
    assert versions.known(NINE).units["upper"] == 1
    drafted(held)
    assert versions.open_draft("fault") is not None
    with transaction():
        assert versions.one("fault", 2, lock=True).version == 2
