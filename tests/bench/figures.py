"""Dashboards over years of closed cases: warm, cold with the worker's counts, and what a recount costs the worker."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.identity import session as sessions
from portal.jobs.beat import beat
from portal.jobs.rolling import keep
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from portal.reports import board_routes, periods
from portal.reports.metrics import source
from tests import builders, stores
from tests.bench.filled import cookie
from tests.bench.loader import load
from tests.bench.store import make_staff, make_templates

CLOSED = int(os.environ.get("BENCH_CLOSED", 20_000))
QUARTERS = 8
WARM = f"any dashboard, drawn before, {CLOSED:,} closed cases"
COLD = f"any dashboard, nothing kept in the process, {CLOSED:,} closed cases"
RECOUNT = f"seconds to recount a quarter in the worker, {CLOSED:,} closed cases"
TARGETS = {WARM: 40.0, COLD: 250.0, RECOUNT: 20.0}
PAGES = ("month", "management", "hotline", "department", "today")


@contextmanager
def filled(closed: int) -> Iterator[tuple[Any, str, datetime]]:
    """A portal with so many closed cases of eight quarters, some open ones, and a supervisor's cookie."""
    folder = Path(tempfile.mkdtemp())
    app = stores.build(folder)
    stores.fill(app)
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    with app.app_context():
        with transaction():
            staff = make_staff()
            made = []
            for number, (level, channel) in enumerate(
                (("P2", "email"), ("P3", "hotline"), ("P3", "email"), ("P4", "app"), ("P2", "hotline"))
            ):
                at = now - timedelta(days=2, hours=number)
                case = builders.closed_case(
                    staff["agent"], staff["supervisor"], staff["handler"], now=at, level=level, channel=channel,
                    rating=5 - number % 3,
                )  # fmt: skip
                made.append(case.id)
            make_templates(staff, now - timedelta(hours=1))
        span = 2 * 365 * 86_400
        load(made, ((n % 5, -(n * span // closed), {}) for n in range(closed)))
        with transaction() as session:
            session.connection().exec_driver_sql("ANALYZE")
        with transaction():
            token = sessions.sign_in(staff["supervisor"].id, clock.now())
        yield app, cookie(app, token), now
        stores.close(app)
    shutil.rmtree(folder, ignore_errors=True)


def measure(results: dict[str, float], ratio: Callable[..., float], answering: Any, hello: Any, outside: Any) -> None:
    """The dearest of the dashboards, drawn before and drawn first; and a quarter counted anew."""
    with filled(CLOSED) as (app, carried, now):
        here = local(now)
        for kind in ("month", "quarter"):
            for code in periods.earlier(kind, here, 2):
                begun = time.process_time()
                keep(periods.period(code, now, here.tzinfo), 0)  # type: ignore[arg-type]
                results[RECOUNT] = max(results.get(RECOUNT, 0.0), time.process_time() - begun)
        beat(now, leapt=False)
        source.ALIVE = 10**9

        def pages() -> None:
            for name in PAGES:
                call = answering(app, f"/reports/boards/{name}", headers={"Cookie": carried})
                call()
                warm = ratio(call, hello, times=10)
                cold = ratio(call, hello, before=board_routes.forget, times=10)
                print(f"  {name:12} warm {warm:7.1f}  cold {cold:7.1f}", flush=True)
                results[WARM] = max(results.get(WARM, 0.0), warm)
                results[COLD] = max(results.get(COLD, 0.0), cold)

        outside(pages)
