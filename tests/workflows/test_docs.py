"""docs/workflows.md says every key there is, its examples are sound, and its pictures are what is drawn now."""

import re
from dataclasses import fields, replace

import pytest

from portal.kernel.config import ROOT
from portal.workflows import yaml_text
from portal.workflows.definition import Choice, Definition, Evidence, Limit, Return, Step, from_data
from portal.workflows.lint import lint
from portal.workflows.shipped import FLOWS
from tests.workflows.pictures import pictures

PAGE = ROOT / "docs" / "workflows.md"


def test_the_kept_pictures_are_what_is_drawn_now() -> None:
    old = [path.name for path, text in pictures() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert old == [], "python -m tests.workflows.pictures draws them anew"


def test_the_page_names_every_key_and_every_flow() -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = {f.name for kind in (Definition, Step, Evidence, Limit, Return, Choice) for f in fields(kind)} - {"version"}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []
    assert [flow for flow in FLOWS if f"pictures/flow-{flow}-en.svg" not in page] == []


def test_the_examples_are_sound() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    whole = [yaml_text.read(block) for block in blocks if block.startswith("flow:")]
    assert whole
    for data in whole:
        assert lint(from_data(data)) == []
        with pytest.raises(KeyError):
            from_data({key: value for key, value in data.items() if key != "steps"})
        assert lint(replace(from_data(data), steps=())) != []
