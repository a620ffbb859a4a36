"""docs/kpi.md names every figure with the fact it needs and where that comes from; neither runs ahead of the other."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.cases.models import Case
from portal.cases.words import TERMS as CASE_TERMS
from portal.clocks.words import TERMS as CLOCK_TERMS
from portal.reports.kpi_words import TERMS
from portal.reports.metrics.counting import CUBES, LENGTHS, STOCKS
from portal.reports.metrics.definitions import FAMILIES, GROUPS, KPIS, LIMITS
from portal.reports.metrics.further import RELATIONS
from portal.reports.words import TERMS as REPORT_TERMS
from tests.house.test_words import CATALOGUE

DOC = Path(__file__).parents[2] / "docs" / "kpi.md"
ROW = re.compile(r"^\| `([\w.]+)` \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, list[str]]:
    """Code -> cells: Chinese and English name, unit, clause, fact, source, state."""
    return {code: rest.split(" | ") for code, rest in ROW.findall(DOC.read_text(encoding="utf-8"))}


def expected() -> dict[str, list[str]]:
    with CATALOGUE.open("rb") as file:
        chinese = {m.id: m.string for m in read_po(file, locale="zh_Hans_CN")}
    found = {}
    for kpi in FAMILIES:
        english = said(kpi.name[0])
        state = f"absent: {said(f'absent.{kpi.absent}')}" if kpi.absent else "counted"
        found[kpi.code] = [chinese[english], english, kpi.unit, kpi.clause, f"`{kpi.fact}`", kpi.source, state]
    return found


def said(code: str) -> str:
    """The English of a term."""
    return str(TERMS[code]._args[0])


def test_every_figure_stands_in_the_table_with_its_fact():
    assert documented() == expected()


def test_every_limit_of_the_attainments_is_named():
    text = DOC.read_text(encoding="utf-8")
    assert [kind for kind in LIMITS if f"`{kind}`" not in text] == []


@pytest.mark.parametrize("code", KPIS)
def test_every_figure_has_name_formula_reason_and_rows(code):
    kpi = KPIS[code]
    words = TERMS | REPORT_TERMS | CLOCK_TERMS | CASE_TERMS
    assert set(kpi.name) | {kpi.formula} | {f"leaves.{left}" for left in kpi.leaves} <= set(words)
    assert kpi.group in GROUPS
    assert kpi.fact
    assert kpi.source
    if kpi.absent:
        assert f"absent.{kpi.absent}" in TERMS
        assert not kpi.relation
    elif kpi.mode not in ("elsewhere", "calls"):
        assert kpi.relation in RELATIONS
        assert kpi.relation in (*CUBES, *LENGTHS, *STOCKS)


def test_facts_of_cases_are_columns_of_the_case():
    for kpi in FAMILIES:
        for name in re.findall(r"Case\.(\w+)", kpi.fact):
            assert hasattr(Case, name), (kpi.code, name)
