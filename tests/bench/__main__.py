"""`make bench`: what a request costs inside the process, in units of a bare Flask route measured in the same run.

BENCH_ONLY=queue,sweep measures these parts alone and leaves the other rows of build/bench.json as they are.
BENCH_MANY open cases (100,000; BENCH_FULL=1: a million), BENCH_MEMORY seconds of load before memory is read (60).
"""

import json
import os
import time
from pathlib import Path

from portal.kernel import clock
from tests.bench import deadlines, emergency, figures, flows, importing, orders, papers, proving, steps, sweep
from tests.bench.asking import Call, answering, bare, browsing, cold, forget_drawn, microseconds, outside, ratio
from tests.bench.filled import cookie, portal
from tests.bench.memory import resident

MANY = 1_000_000 if os.environ.get("BENCH_FULL") == "1" else int(os.environ.get("BENCH_MANY", 100_000))
MEMORY = int(os.environ.get("BENCH_MEMORY", 60))
RESIDENT = "resident memory of web (2) and worker"
TARGETS = (
    {
        "queue page, signed in, 50 rows, 10,000 open, nothing cached": 30.0,
        "queue page, version unchanged since its last render": 3.5,
        "change check, unchanged, signed in": 2.2,
        "case page with 20 entries": 20.0,
        "log a request": 8.0,
        f"first 50 rows at {MANY:,} open against 10,000": 1.5,
        RESIDENT: 450.0,
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


def parts(results: dict[str, float]) -> dict[str, Call]:
    """What is measured, in this order; each stands alone."""
    hello, post = answering(bare(), "/"), bare().test_client()

    def queue() -> None:
        growth(results, reading(results, hello))

    def memory() -> None:
        if MEMORY:
            results[RESIDENT] = resident(MEMORY)

    return {
        "queue": queue,
        "logging": lambda: writing(results),
        "board": lambda: orders.measure(results, lambda app, path, carried: cold(app, path, carried, hello)),
        "figures": lambda: figures.measure(results, ratio, answering, hello, outside),
        "sweep": lambda: sweep.measure(results, MANY),
        "importing": lambda: importing.measure(results),
        "proving": lambda: proving.measure(results),
        "papers": lambda: papers.measure(results, answering, outside, forget_drawn),
        "deadlines": lambda: deadlines.measure(results, TARGETS),
        "flows": lambda: flows.measure(results),
        "steps": lambda: outside(lambda: steps.measure(results, post)),
        "emergency": lambda: outside(lambda: emergency.measure(results, post, hello)),
        "memory": memory,
    }


def main() -> None:
    """Measures, prints the table, writes build/bench.json."""
    results: dict[str, float] = {}
    found = parts(results)
    wanted = [name for name in os.environ.get("BENCH_ONLY", "").replace(",", " ").split() if name] or list(found)
    unknown = [name for name in wanted if name not in found]
    if unknown:
        raise SystemExit(f"BENCH_ONLY: no part {unknown[0]!r}; there are {', '.join(found)}")
    print(
        f"hello: {microseconds(answering(bare(), '/')):.0f} us (the unit, measured again beside each figure)",
        flush=True,
    )
    for name in (name for name in found if name in wanted):
        begun, used = time.monotonic(), sum(os.times()[:4])
        found[name]()
        print(f"{name}: {time.monotonic() - begun:.0f} s, {sum(os.times()[:4]) - used:.0f} s of CPU", flush=True)
    tell(results)


def unit_of(name: str) -> str:
    """What a row is measured in, as its name says."""
    said = {"milliseconds": "ms", "seconds": "s", "memory": "MB", " MB ": "MB", "hellos": "x hello", "CPU": "%"}
    said["against"] = "x"
    found = next((unit for word, unit in said.items() if word in name), "")
    return sweep.unit(name) or found or ("x" if name in POSTS else "x hello")


def tell(results: dict[str, float]) -> None:
    """Prints the table and writes build/bench.json; rows that were not measured now stay as they were there."""
    out = Path(__file__).resolve().parents[2] / "build" / "bench.json"
    known = {row["name"]: row for row in json.loads(out.read_text())["rows"]} if out.exists() else {}
    at, load = clock.millis() // 1000, round(os.getloadavg()[0], 1)
    for name, target in TARGETS.items():
        if name in results:
            value, unit = round(results[name], 2), unit_of(name)
            row = {"name": name, "value": value, "unit": unit, "target": target, "met": value <= target}
            known[name] = row | {"at": at, "load": load}
            print(f"{name:62} {value:8.2f} {unit:8} target {target:6.1f} {'met' if value <= target else 'MISSED'}")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"rows": list(known.values())}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
