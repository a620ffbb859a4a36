"""docs/faults.md names for each fault the test that provokes it: every one of them exists."""

import re

import pytest

from tests.house.reading import ROOT

ROW = re.compile(r"^\| (?P<fault>[^|]+) \| [^|]+ \| `(?P<file>tests/[\w/]+\.py)::(?P<name>\w+)` \|$")
PAGE = (ROOT / "docs" / "faults.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| fault |")]


@pytest.mark.parametrize("row", ROWS, ids=[row[2:40] for row in ROWS])
def test_each_fault_has_its_test(row):
    found = ROW.match(row)
    assert found, "a row is | fault | what happens | `file::test` |"
    assert f"def {found['name']}(" in (ROOT / found["file"]).read_text()
