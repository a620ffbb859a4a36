"""IN6: the figures of docs/proposals.md are what the labels give; the own sentences run everywhere."""

import csv

import pytest

from portal.cases.rules import CATEGORIES, LEADS_OF_TYPE, LEVELS, TYPES
from portal.proposals import book, documents, rules
from portal.proposals.rules import FIELDS, Proposal
from portal.proposals.score import Lesson, Score, guessed, score_of
from tests.conftest import REAL_DATA
from tests.house.reading import ROOT
from tests.proposals.measuring import Figures, Row, agreement, labels, measured

SHIPPED = documents.rules_of(book.shipped())
PAGE = ROOT / "docs" / "proposals.md"
FIRST, AGAIN, FRESH = "complaint_labels.csv", "complaint_labels_again.csv", "complaint_labels_fresh.csv"
READER2 = "complaint_labels_reader2.csv"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    path = REAL_DATA / "complaints_zh.csv"
    if not path.exists():
        pytest.skip("the real complaints are not on this machine")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def propose(text: str, score: Score | None = None) -> Proposal:
    scored = guessed(score, text) if score else None
    return rules.propose(text, SHIPPED, leads=LEADS_OF_TYPE, scored=scored)


def line(name: str, figures: dict[str, Figures]) -> str:
    """A row of a table: coverage, precision and right of each field in per cent."""
    cells = [f"{100 * f.coverage:.0f} / {100 * f.precision:.0f} / {100 * f.right:.0f}" for f in figures.values()]
    return f"| {name} | {' | '.join(cells)} |"


def test_the_labels_are_whole_and_name_what_the_portal_knows():
    first, again, fresh = labels(FIRST), labels(AGAIN), labels(FRESH)
    assert (len(first), len(again), len(fresh)) == (210, 100, 90)
    rows = [row["row"] for row in first + fresh]
    assert len(set(rows)) == 300
    other = labels(READER2)
    assert len({row["row"] for row in other}) == 100
    assert {row["row"] for row in again + other} <= {row["row"] for row in first}
    known = dict(zip(FIELDS, (TYPES, CATEGORIES, LEVELS, ("service", "tech", "business", "improvement")), strict=True))
    assert [(row, f) for row in first + again + other + fresh for f in FIELDS if row[f] not in known[f]] == []


@pytest.mark.parametrize("other", [AGAIN, READER2])
def test_the_agreement_of_both_labellings_is_what_the_page_says(other):
    first, again = {row["row"]: row for row in labels(FIRST)}, labels(other)
    page = PAGE.read_text(encoding="utf-8")
    for name in FIELDS:
        same, kappa = agreement([first[row["row"]][name] for row in again], [row[name] for row in again])
        assert f"| {name} | {100 * same:.0f} % | {kappa:.2f} |" in page


def test_agreement_and_figures_count_rightly():
    assert agreement("aabb", "aabb") == (1.0, 1.0)
    assert agreement("aabb", "abab") == (0.5, 0.0)
    rows: list[Row] = [dict.fromkeys(FIELDS, "fault"), dict.fromkeys(FIELDS, "return")]
    made = measured(rows, lambda row: propose("打不开"))
    assert made["request_type"] == Figures(1.0, 0.5, 0.5)
    assert made["level"].coverage == 0


@pytest.mark.real_data
def test_the_figures_on_real_complaints_are_what_the_page_says(texts):
    def text_of(row: Row) -> str:
        return texts[int(row["row"]) - 2]

    first, fresh, page = labels(FIRST), labels(FRESH), PAGE.read_text(encoding="utf-8")
    assert line("210 first rows, rules", measured(first, lambda row: propose(text_of(row)))) in page
    assert line("90 fresh rows, rules", measured(fresh, lambda row: propose(text_of(row)))) in page
    lesson = Lesson()
    for row in first:
        lesson.take(text_of(row), {name: row[name] for name in FIELDS})
    score = score_of(lesson.learnt())
    assert line("90 fresh rows, rules and score", measured(fresh, lambda row: propose(text_of(row), score))) in page


def test_the_own_sentences_are_proposed_as_well_as_the_page_says():
    rows, page = labels("proposal_sentences.csv"), PAGE.read_text(encoding="utf-8")
    assert len(rows) == 30
    for name in ("request_type", "level", "department"):
        right = sum(propose(row["text"]).fields[name].value == row[name] for row in rows)
        assert f"| {name} | {right} of 30 |" in page
