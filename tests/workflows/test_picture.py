"""The picture: nothing lies over something else, ways run as they are, and it needs no style of its own."""

import re
from itertools import combinations
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workflows.definition import Definition
from portal.workflows.picture import Picture, cut, drawn, width, wrapped
from portal.workflows.shipped import FLOWS, shipped
from tests.laws import tried
from tests.workflows.walks import definitions, grown

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    """The picture as XML."""
    return ElementTree.fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def overlapping(picture: Picture) -> list[tuple[str, str]]:
    """Boxes and labels that share a place."""
    boxes = {code: picture.box(code) for code in picture.sizes}
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes.items(), 2)
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_box_and_no_label_lies_over_another(flow: str, down: bool, lang: Any) -> None:
    picture = Picture(shipped(flow), {}, lang, {}, down)
    assert overlapping(picture) == []
    assert len(picture.words) == sum(len(step.outcomes) for step in shipped(flow).steps)
    root = parsed(drawn(shipped(flow), {}, lang, down=down))
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    for x, y, w, h in map(picture.box, picture.sizes):
        assert 0 <= x <= x + w <= wide
        assert 0 <= y <= y + h <= high


@pytest.mark.parametrize("flow", FLOWS)
def test_the_flow_runs_one_way_and_returns_run_against_it(flow: str) -> None:
    picture = Picture(shipped(flow), {}, "zh", {}, False)
    for n, line in enumerate(picture.lines):
        points = picture.layout.routes[n]
        assert (points[0].along < points[-1].along) != line.back


def test_the_picture_has_a_name_its_steps_and_no_style_of_its_own() -> None:
    svg = drawn(shipped("cutover"), {"apply": "done", "which_grade": "done", "approve": "late"}, "en", name="x")
    root = parsed(svg)
    assert root.findtext(f"{SVG}title") == "Cut-over"
    assert root.attrib["aria-labelledby"] == "x-title x-desc"
    assert not re.search(r"style=|<style|<script| on\w+=", svg)
    titles = [g.findtext(f"{SVG}title") for g in root.iter(f"{SVG}g") if "flow-step" in g.attrib["class"]]
    assert titles == [step.name.en for step in shipped("cutover").steps]
    late = next(g for g in root.iter(f"{SVG}g") if "is-late" in g.attrib["class"])
    assert (late.findtext(f"{SVG}title"), late.findall(f"{SVG}text")[-1].text) == ("Approval", "!")
    assert [p.attrib["class"] for p in root.iter(f"{SVG}path") if "is-taken" in p.attrib.get("class", "")]


def test_words_are_escaped() -> None:
    data = shipped("fault")
    assert "<b>" not in drawn(data, {}, "en", names={"tech": "<b>T</b>"}, about="<b>")


def test_long_names_are_cut_into_lines_that_fit() -> None:
    assert wrapped("中文名称很长很长很长的一道工序需要三行才能放下而且还不够", 100) == [
        "中文名称很长很", "长很长的一道工", "序需要三行才能…",
    ]  # fmt: skip
    assert wrapped("Dismantled and material returned", 128) == ["Dismantled and", "material returned"]
    assert width(cut("An outside unit with a long name", 80, 11), 11) <= 80
    assert cut("short", 80) == "short"


@tried(60)
@given(definitions(), st.booleans())
def test_whatever_somebody_is_writing_can_be_drawn(definition: Definition, down: bool) -> None:
    assert overlapping(Picture(definition, {}, "zh", {}, down)) == []
    parsed(drawn(definition, {}, "zh", down=down))


@tried(30)
@given(st.integers(0, 1 << 30))
def test_large_flows_can_be_drawn(seed: int) -> None:
    assert overlapping(Picture(grown(Random(seed), 4), {}, "en", {}, False)) == []
