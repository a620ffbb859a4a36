"""What completing a step of an order costs: its form, the next step begun, its people told; against a bare POST."""

import time
from datetime import timedelta
from typing import Any

from portal.identity import session as sessions
from portal.jobs.orders import look_at_orders
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.bench.filled import cookie, portal
from tests.workflows.builders import crew, raised

NAME = "complete a step of an order"
WATCH = "watch of orders, nothing due, milliseconds"
TARGETS = {NAME: 10.0, WATCH: 0.05}
EACH, ROUNDS = 60, 3


def measure(results: dict[str, float], unit: Any) -> None:
    """Steps completed in turn with bare committing posts; the smallest of the rounds' ratios of medians counts."""
    with portal(100) as (app, staff, _carried, _no):
        with transaction():
            crew_of = crew()
            numbers = [raised(staff["supervisor"], "verification", clock.now()).no for _ in range(EACH * ROUNDS)]
            token = sessions.sign_in(crew_of["enterprise"].id, clock.now())
        name, _, value = cookie(app, token).split(";")[0].partition("=")
        ratios = [_ratio(app, unit, (name, value), numbers[n * EACH : (n + 1) * EACH]) for n in range(ROUNDS)]
        results[NAME] = min(ratios)
        results[WATCH] = _watch()


def _ratio(app: Any, unit: Any, carried: tuple[str, str], numbers: list[str]) -> float:
    browser = app.test_client()
    browser.set_cookie(*carried)
    ours, theirs = [], []
    for no in numbers:
        browser.set_cookie(*carried)  # as one that has shown its last message
        data = {"complete1-key": f"bench{no}", "complete1-e_facts_complete": "y"}
        start = time.perf_counter()
        answer = browser.post(f"/orders/{no}/steps/1/complete", data=data)
        ours.append(time.perf_counter() - start)
        if answer.status_code != 303:
            raise RuntimeError(answer.get_data(as_text=True)[:400])
        start = time.perf_counter()
        unit.post("/", data={"channel": "email", "description": no})
        theirs.append(time.perf_counter() - start)
    return sorted(ours)[EACH // 2] / sorted(theirs)[EACH // 2]


def _watch() -> float:
    """CPU milliseconds of a round in which nothing is due."""
    before = clock.now() - timedelta(days=1)
    look_at_orders(before)
    start = time.process_time()
    for _ in range(200):
        look_at_orders(before)
    return (time.process_time() - start) / 200 * 1000
