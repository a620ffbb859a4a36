"""What the benchmarks load is what actions make: case, clock and segment rows are the same, column for column."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.kernel.db import db, transaction
from tests.bench.loader import WEEK, Template, load, plain, rows_of
from tests.bench.store import make_templates
from tests.builders import NINE

OWN = {"id", "no", "case_id", "customer_id"}
COUNT = 1_000
MADE = 10  # rounds of templates made by actions to compare with


def rows(case_id: int) -> list[str]:
    found: list[dict[str, Any]] = rows_of(Case.__table__, Case.id == case_id)
    found += rows_of(Clock.__table__, Clock.case_id == case_id)
    found += rows_of(Segment.__table__, Segment.case_id == case_id)
    return sorted(plain({k: v for k, v in row.items() if k not in OWN}) for row in found)


def test_a_thousand_loaded_rows_are_those_that_actions_make(app, at, staff):
    start = NINE - timedelta(weeks=3)
    with transaction():
        made = [make_templates(staff, start + timedelta(weeks=n)) for n in range(2)]
    kinds = len(made[0])
    templates = [Template(case_id) for case_id in made[0]]
    plan = ((n % kinds, WEEK * (n // kinds % 2), {}) for n in range(COUNT))
    assert load(templates, plan) == COUNT
    loaded = db.session.scalars(select(Case.id).where(Case.id > made[-1][-1]).order_by(Case.id)).all()
    expected = [[rows(case_id) for case_id in round_] for round_ in made]
    for n, case_id in enumerate(loaded):
        assert rows(case_id) == expected[n // kinds % 2][n % kinds], (n, case_id)
