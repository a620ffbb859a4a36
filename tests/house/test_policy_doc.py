"""docs/policy.md, the seeded policy and the tests say the same; none of the three runs ahead."""

import ast
import re
from pathlib import Path

import pytest

from portal.clocks import further
from portal.clocks.deadlines import limit_text
from portal.clocks.policy import LEVELS, Row, load_policy
from portal.clocks.seed import seeded_policy
from tests.clocks.test_policy_cells import COMBINES
from tests.golden.table import section

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "policy.md"
POLICY = load_policy(seeded_policy())
ROW = re.compile(r"^\| (.+?) \| `([\w.]+)` \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"^`(tests/[\w/]+\.py)::(\w+)\[([\w.]+)\]`$")


def documented() -> dict[str, list[str]]:
    """Row id -> cells: clause, kind, applies to, limit, calendar, combine, pause, house, test."""
    found: dict[str, list[str]] = {}
    for clause, row_id, rest in ROW.findall(DOC.read_text(encoding="utf-8")):
        assert row_id not in found, f"{row_id} stands twice in docs/policy.md"
        found[row_id] = [clause, *rest.split(" | ")]
    return found


DOCUMENTED = documented()


def names_tested(path: Path) -> dict[str, set[str]]:
    """Test function -> keys of the module's CELLS table, read without running the module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    cells = next(n.value for n in tree.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "CELLS")
    assert isinstance(cells, ast.Dict)
    keys = {key.value for key in cells.keys if isinstance(key, ast.Constant)}
    return {node.name: keys for node in tree.body if isinstance(node, ast.FunctionDef)}


def expected(row: Row) -> list[str]:
    """The cells of a policy row that the page must show word for word."""
    combine = POLICY.combine[row.kind]
    return [
        row.clause,
        limit_text(row.amount, row.unit),
        row.calendar,
        "/".join(combine[level][0] for level in ("unjudged", *LEVELS)),
        "yes" if row.pausable else "no",
        "内部约定" if row.house else "-",
    ]


def test_every_policy_row_is_documented_and_nothing_else() -> None:
    assert set(DOCUMENTED) == {row.id for row in POLICY.rows}


@pytest.mark.parametrize("row", POLICY.rows, ids=lambda row: row.id)
def test_the_page_shows_the_row_as_it_is(row: Row) -> None:
    clause, kind, applies, limit, calendar, combine, pause, house, _test = DOCUMENTED[row.id]
    assert [clause, limit, calendar, combine, pause, house] == expected(row)
    assert applies.split(" ")[0].rstrip(",") == (row.level or row.channel)
    assert applies.count(", ") == len(row.when)
    assert kind.split(" ")[0].lower().startswith(row.kind.split("_")[0][:4]) or row.kind in (
        "rings",
        "dispute",
    )


def test_every_test_the_page_names_exists() -> None:
    known: dict[str, dict[str, set[str]]] = {}
    for row_id, cells in DOCUMENTED.items():
        match = TEST.match(cells[-1])
        assert match, f"{row_id} names no test"
        file, function, key = match.groups()
        tested = known.setdefault(file, names_tested(ROOT / file))
        assert key == row_id
        assert key in tested.get(function, set()), f"{file}::{function}[{key}] does not exist"


def test_every_clause_is_a_requirement_id() -> None:
    assert all(re.match(r"(SL|IN|QU)\d+\b", row.clause) for row in POLICY.rows)


def test_every_cell_that_is_tested_stands_on_the_page() -> None:
    file = ROOT / "tests" / "clocks" / "test_policy_cells.py"
    assert names_tested(file)["test_cell"] == set(DOCUMENTED)


def test_how_level_and_channel_combine_is_the_tested_table() -> None:
    shown = {row.kind: DOCUMENTED[row.id][5] for row in POLICY.rows}
    assert shown == COMBINES


def test_the_page_shows_the_golden_deadlines_as_they_are() -> None:
    assert section() in DOC.read_text(encoding="utf-8"), "run `python -m tests.golden.table`"


def test_the_further_points_stand_on_the_page_as_they_are_shipped() -> None:
    lines = re.findall(
        r"^\| `(\w+)` \| [A-Z0-9]+ \| (\w+) \| 内部约定 \|$", DOC.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert dict(lines) == further.shipped()
