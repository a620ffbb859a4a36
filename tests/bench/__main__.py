"""`make bench`: what a request costs inside the process, in units of a bare Flask route measured in the same run."""

import json
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, request

from portal.desk.caches import caches
from tests.bench import deadlines, emergency, figures, flows, importing, orders, papers, proving, steps, sweep
from tests.bench.filled import cookie, portal
from tests.bench.memory import resident

FULL = os.environ.get("BENCH_FULL") == "1"
MANY = 1_000_000 if FULL else int(os.environ.get("BENCH_MANY", 100_000))
ROUNDS = 7
TARGETS = (
    {
        "queue page, signed in, 50 rows, 10,000 open, nothing cached": 30.0,
        "queue page, version unchanged since its last render": 3.5,
        "change check, unchanged, signed in": 2.2,
        "case page with 20 entries": 20.0,
        "log a request": 8.0,
        f"first 50 rows at {MANY:,} open against 10,000": 1.5,
        "resident memory of web (2) and worker": 450.0,
        flows.NAME: 50.0,
    }
    | sweep.targets(MANY)
    | importing.targets()
    | orders.TARGETS
    | figures.TARGETS
    | steps.TARGETS
    | proving.targets()
    | emergency.TARGETS
    | papers.targets()
)
POSTS = ("log a request", steps.NAME, emergency.DECLARING)  # in units of a bare committing POST
Call = Callable[[], Any]


def answering(app: Any, path: str, *, headers: dict[str, str] | None = None, status: int = 200) -> Call:
    """A GET of this path as a server would make it: one WSGI call, no socket."""
    place, _, query = path.partition("?")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": place, "QUERY_STRING": query, "SERVER_NAME": "localhost",
               "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
               "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False}  # fmt: skip
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()}

    def call() -> bytes:
        told: list[str] = []
        answer = app(dict(environ), lambda line, headers, error=None: told.append(line))
        found = b"".join(answer)
        getattr(answer, "close", lambda: None)()  # an iterable may have one, a list has none
        if not told[0].startswith(str(status)):
            raise RuntimeError(f"{path} answered {told[0]}")
        return found

    return call


def microseconds(call: Call, *, before: Call = lambda: None, times: int = 200) -> float:
    """Best median of several rounds: CPU microseconds of one call, so that other work on the machine counts little."""
    return min(middle(call, before, times) for _ in range(ROUNDS)) / 1e3


def ratio(call: Call, unit: Call, *, before: Call = lambda: None, times: int = 200) -> float:
    """How many units a call costs: both measured in each round, so that a machine changing its speed counts little."""
    found = []
    for _ in range(ROUNDS):
        found.append(middle(call, before, times) / middle(unit, lambda: None, times))
    return sorted(found)[len(found) // 2]


def middle(call: Call, before: Call, times: int) -> float:
    """The median CPU nanoseconds of one call."""
    spans = []
    for _ in range(times):
        before()
        start = time.thread_time_ns()
        call()
        spans.append(time.thread_time_ns() - start)
    return sorted(spans)[times // 2]


def bare() -> Flask:
    """The unit: a Flask route that says hello, and one that commits a row."""
    app = Flask("bare")
    file = Path(tempfile.mkdtemp()) / "bare.db"
    store = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, words TEXT)")

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.post("/")
    def keep() -> str:
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO note(words) VALUES(?)", (request.form["description"],))
        store.execute("COMMIT")
        return "kept"

    return app


def browsing(app: Flask, carried: str) -> str:
    """The cookie as a browser holds it after its first page: with the session's CSRF secret in it."""
    browser = app.test_client()
    name, _, value = carried.split(";")[0].partition("=")
    browser.set_cookie(name, value)
    browser.get("/queues/tech")
    found = browser.get_cookie(name)
    return f"{name}={found.value if found else value}; locale=zh_Hans_CN"


def forget_drawn(app: Flask) -> None:
    """Empties the desk's memory of rows and bodies, as after a start."""
    with app.app_context():
        held = caches()
        held.rows.clear()
        held.bodies.clear()
        held.kept.clear()
        held.pages.clear()


def outside(call: Callable[[], None]) -> None:
    """Runs in a thread of its own, without the application context of this one."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            call()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def reading(results: dict[str, float], hello: Call) -> float:
    """Queue page, check and case page at 10,000 open cases; returns the microseconds of the first 50 rows."""
    rows = [0.0]
    with portal(10_000) as (app, _staff, carried, no):

        def measure() -> None:
            kept = browsing(app, carried)
            page = answering(app, "/queues/tech", headers={"Cookie": kept})
            html = page().decode()
            tag = html.split('hx-ptag="')[1].split('"')[0]
            check = answering(
                app, "/queues/tech/changes", status=204,
                headers={"Cookie": kept, "HX-Request": "true", "HX-PTag": tag},
            )  # fmt: skip
            names = iter(TARGETS)
            results[next(names)] = ratio(page, hello, before=lambda: forget_drawn(app), times=60)
            results[next(names)] = ratio(page, hello)
            results[next(names)] = ratio(check, hello)
            case = answering(app, f"/cases/{no}", headers={"Cookie": kept})
            results[next(names)] = ratio(case, hello, times=60)
            rows[0] = microseconds(page, before=lambda: forget_drawn(app), times=60)

        outside(measure)
    return rows[0]


def cold(app: Any, path: str, carried: str, hello: Call) -> float:
    """How many units a page costs of which nothing but the frame is kept."""
    found: list[float] = []

    def measure() -> None:
        page = answering(app, path, headers={"Cookie": browsing(app, carried)})
        page()
        found.append(ratio(page, hello, before=lambda: forget_drawn(app), times=60))

    outside(measure)
    return found[0]


def growth(results: dict[str, float], few: float) -> None:
    """The cold page again with many open cases."""
    with portal(MANY) as (app, _staff, carried, _no):

        def measure() -> None:
            page = answering(app, "/queues/tech", headers={"Cookie": carried})
            page()
            many = microseconds(page, before=lambda: forget_drawn(app), times=60)
            results[f"first 50 rows at {MANY:,} open against 10,000"] = many / few

        outside(measure)


def writing(results: dict[str, float]) -> None:
    """Logging a request against a bare committing POST, interleaved so that both see the same disk."""
    with portal(1_000) as (app, staff, _carried, _no):
        app.config["WTF_CSRF_ENABLED"] = True
        unit, ratios = bare().test_client(), []

        def measure() -> None:
            browser = app.test_client()
            name, _, value = cookie(app, staff["agent_token"]).split(";")[0].partition("=")
            browser.set_cookie(name, value)
            fields = {"channel": "email", "contact": "13800130013", "customer_name": "王芳", "demand": "当天修好",
                      "happened": "今天 08:30", "description": "光猫 LOS 灯常亮红色，手机和电脑都不能上网",
                      "customer_category": "person", "prefers": "phone", "urgency": "normal",
                      "complexity": "simple", "request_type": "", "category": "", "level": ""}  # fmt: skip
            form = browser.get("/intake/new").get_data(as_text=True)
            token = form.split('name="csrf-token" content="')[1].split('"')[0]
            ours, theirs = [], []
            for number in range(150):
                data = fields | {"key": f"bench-{number}", "csrf_token": token}
                start = time.perf_counter()
                answer = browser.post("/intake/new", data=data)
                ours.append(time.perf_counter() - start)
                if answer.status_code not in (200, 303):
                    raise RuntimeError(answer.get_data(as_text=True)[:400])
                start = time.perf_counter()
                unit.post("/", data=fields)
                theirs.append(time.perf_counter() - start)
            ratios.append(sorted(ours)[75] / sorted(theirs)[75])

        outside(measure)
        results["log a request"] = min(ratios)


def main() -> None:
    """Measures, prints the table, writes build/bench.json."""
    results: dict[str, float] = {}
    hello = answering(bare(), "/")
    print(f"hello: {microseconds(hello):.0f} us (the unit, measured again beside each figure)", flush=True)
    few = reading(results, hello)
    writing(results)
    orders.measure(results, lambda app, path, carried: cold(app, path, carried, hello))
    figures.measure(results, ratio, answering, hello, outside)
    sweep.measure(results, MANY)
    importing.measure(results)
    proving.measure(results)
    papers.measure(results, answering, outside, forget_drawn)
    deadlines.measure(results, TARGETS)
    flows.measure(results)
    outside(lambda: steps.measure(results, bare().test_client()))
    outside(lambda: emergency.measure(results, bare().test_client(), hello))
    growth(results, few)
    if os.environ.get("BENCH_MEMORY", "1") == "1":
        results["resident memory of web (2) and worker"] = resident(600 if FULL else 60)
    tell(results)


def unit_of(name: str) -> str:
    """What a row is measured in, as its name says."""
    said = {"milliseconds": "ms", "seconds": "s", "memory": "MB", " MB ": "MB", "CPU": "%", "against": "x"}
    found = next((unit for word, unit in said.items() if word in name), "")
    return sweep.unit(name) or found or ("x" if name in POSTS else "x hello")


def tell(results: dict[str, float]) -> None:
    """Prints the table and writes build/bench.json."""
    rows = []
    for name, target in TARGETS.items():
        if name in results:
            value, unit = round(results[name], 2), unit_of(name)
            rows.append({"name": name, "value": value, "unit": unit, "target": target, "met": value <= target})
            print(f"{name:62} {value:8.2f} {unit:8} target {target:6.1f} {'met' if value <= target else 'MISSED'}")
    out = Path(__file__).resolve().parents[2] / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
