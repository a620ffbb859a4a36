"""What the benchmark of the board loads is what actions make, column for column."""

from datetime import timedelta

from sqlalchemy import select

from portal.kernel.db import db
from portal.workflows.models import OrderStep, WorkOrder
from tests.bench import orders
from tests.bench.loader import WEEK, plain, rows_of
from tests.builders import NINE

OWN = {"id", "no", "order_id", "sheet"}  # a sheet's number is the order's
COUNT = 300


def rows(order_id: int) -> list[str]:
    found = rows_of(WorkOrder.__table__, WorkOrder.id == order_id)
    found += rows_of(OrderStep.__table__, OrderStep.order_id == order_id)
    return [plain({name: value for name, value in row.items() if name not in OWN}) for row in found]


def test_hundreds_of_loaded_orders_are_those_that_actions_make(app, at, staff):
    start = NINE
    source = orders.made(staff["supervisor"], start)
    later = orders.made(staff["supervisor"], start + timedelta(weeks=1))
    assert orders.load(source, COUNT, step=0) == COUNT
    expected = [rows(one) for one in source]
    loaded = db.session.scalars(select(WorkOrder.id).where(WorkOrder.id > later[-1]).order_by(WorkOrder.id)).all()
    assert [rows(one) for one in loaded] == [expected[n % len(source)] for n in range(COUNT)]
    table = WorkOrder.__table__
    week = orders.moved(table, rows_of(table, WorkOrder.id == source[0])[0], WEEK)
    real = rows_of(table, WorkOrder.id == later[0])[0]
    assert {k: v for k, v in week.items() if k not in OWN} == {k: v for k, v in real.items() if k not in OWN}
