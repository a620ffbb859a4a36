"""The board at ten thousand running orders: a few are made by actions, their rows copied and moved in time."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from portal.identity import session as sessions
from portal.kernel import clock
from portal.kernel.db import Instant, db, transaction
from portal.workflows import queries
from portal.workflows.models import OrderStep, WorkOrder
from tests import stores
from tests.bench.filled import cookie
from tests.bench.loader import rows_of
from tests.bench.store import make_staff
from tests.builders import make_person
from tests.workflows import builders

MANY, BATCH = 10_000, 2_000
NAME = f"board of {MANY:,} running orders, 50 rows, nothing cached"
TARGETS = {NAME: 30.0}
FLOWS = ("provisioning", "verification", "presales", "fault", "cutover")
SPREAD = 5  # days over which copies begin


def made(actor: Any, now: datetime) -> list[int]:
    """Orders of several flows, each led on by some steps through the actions that staff use. Opens transactions."""
    with transaction():
        if "netops" not in queries.unit_ids():
            builders.crew()
        numbers = [builders.raised(actor, flow, now).no for flow in FLOWS]
    for number, most in zip(numbers, (6, 3, 2, 1, 2), strict=True):
        at = now
        for _ in range(most):
            at += timedelta(hours=1)
            with transaction():
                order = builders.found(number)
                builders.do_next(actor, at, order, builders.first)
    return list(db.session.scalars(select(WorkOrder.id).where(WorkOrder.no.in_(numbers)).order_by(WorkOrder.id)))


def moved(table: Any, row: dict[str, Any], seconds: int, **changes: Any) -> dict[str, Any]:
    """A copy of a row with all its instants moved, without its own id."""
    copy = {name: value for name, value in row.items() if name != "id"}
    for column in table.columns:
        value = copy.get(column.name)
        if isinstance(column.type, Instant) and isinstance(value, datetime):
            copy[column.name] = value + timedelta(seconds=seconds)
    return copy | changes


def load(templates: list[int], count: int, *, step: int = SPREAD * 86_400) -> int:
    """Copies the orders with their steps, each moved back by up to `step` seconds, in batches. Returns how many."""
    orders, steps = WorkOrder.__table__, OrderStep.__table__
    source = [(rows_of(orders, WorkOrder.id == one)[0], rows_of(steps, OrderStep.order_id == one)) for one in templates]
    done = 0
    while done < count:
        with transaction() as session:
            first = (session.scalar(select(WorkOrder.id).order_by(WorkOrder.id.desc()).limit(1)) or 0) + 1
            numbers = range(done, min(count, done + BATCH))
            wholes, parts = [], []
            for offset, number in enumerate(numbers):
                order, its_steps = source[number % len(source)]
                shift, new = -(number * step // count), first + offset
                wholes.append(moved(orders, order, shift) | {"id": new, "no": f"WB-{new:07d}"})
                parts += [moved(steps, one, shift, order_id=new) for one in its_steps]
            session.execute(insert(orders), wholes)  # type: ignore[arg-type]
            session.execute(insert(steps), parts)  # type: ignore[arg-type]
            done += len(numbers)
    return done


@contextmanager
def filled(count: int) -> Iterator[tuple[Any, str]]:
    """An application on a store with so many running orders, and the supervisor's cookie."""
    folder = Path(tempfile.mkdtemp())
    app = stores.build(folder)
    stores.fill(app)
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    with app.app_context():
        with transaction():
            staff = make_staff()
            make_person(role="handler", unit="business", login="bench_business")  # each department needs somebody
        load(made(staff["supervisor"], now), count)
        with transaction() as session:
            session.connection().exec_driver_sql("ANALYZE")
        with transaction():
            token = sessions.sign_in(staff["supervisor"].id, clock.now())
        yield app, cookie(app, token)
        stores.close(app)
    shutil.rmtree(folder, ignore_errors=True)


def measure(results: dict[str, float], ask: Callable[[Any, str, str], float]) -> None:
    """Adds the row; `ask` says how many bare requests one request of this address costs."""
    with filled(MANY) as (app, carried):
        results[NAME] = ask(app, "/orders/board?flow=provisioning", carried)
