"""`make bench-http`: server CPU per operation over HTTP, in units of a bare Flask page or a bare committing POST."""

import http.client
import json
import multiprocessing
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from portal.kernel.db import read
from tests.bench import bare_app
from tests.bench.filled import cookie, portal
from tests.bench.served import cpu_seconds, served

CLIENTS = 4
CLOSED = int(os.environ.get("BENCH_CLOSED", 100_000))
READS, WRITES = 150, 60  # of each client
TARGETS = {"queue page": 4.0, "case page with 20 entries": 4.0, "log a request": 8.0, "reply": 8.0,
           "archive search, two Chinese characters": 4.0}  # fmt: skip
ROUNDS = 3  # operation and unit in turn; the middle ratio counts
Call = Callable[[], float]
Job = tuple[int, str, str, str, list[dict[str, str]], tuple[int, ...]]


def work(job: Job) -> int:
    """One client: sends its requests over one connection; returns how many were answered as expected."""
    port, method, path, cookies, bodies, good = job
    visitor, done = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0
    for fields in bodies:
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        visitor.request(method, fields.get("path", path), urlencode(fields) if method == "POST" else None, headers)
        answer = visitor.getresponse()
        text = answer.read()
        if answer.status not in good:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        done += 1
    return done


def milliseconds(pid: int, jobs: list[Job], pool: Any) -> float:
    """Server CPU milliseconds of one operation, four clients at once, after a warming round."""
    pool.map(work, [(*job[:4], job[4][:5], job[5]) for job in jobs])
    before = cpu_seconds(pid)
    done = sum(pool.map(work, [(*job[:4], job[4][5:], job[5]) for job in jobs]))
    return (cpu_seconds(pid) - before) / done * 1000


def token_of(port: int, path: str, cookies: str) -> tuple[str, str]:
    """The CSRF token of a page, and the cookies to send with it."""
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    visitor.request("GET", path, headers={"Cookie": cookies})
    answer = visitor.getresponse()
    html = answer.read().decode()
    fresh = answer.getheader("Set-Cookie") or ""
    found = re.search(r'name="csrf-token" content="([^"]+)"', html)
    if answer.status != 200 or not found:
        raise RuntimeError(f"{path}: {answer.status}")
    kept = fresh.split(";")[0] + "; locale=zh_Hans_CN" if fresh.startswith("portal=") else cookies
    return found.group(1), kept


@contextmanager
def units(pool: Any) -> Iterator[dict[str, Call]]:
    """The bare page and the bare POST, ready to be measured beside each operation (the machine's speed drifts)."""
    folder = Path(tempfile.mkdtemp())
    env = {"BARE_STORE": str(folder / "bare.db")}
    bare_app.fill(env["BARE_STORE"])
    with served("tests.bench.bare_app:app", env, "/") as (pid, port):
        reads: list[Job] = [(port, "GET", "/", "", [{}] * READS, (200,))] * CLIENTS
        writes: list[Job] = [(port, "POST", "/", "", [{"words": "记录"}] * WRITES, (200,))] * CLIENTS
        yield {"page": lambda: milliseconds(pid, reads, pool), "POST": lambda: milliseconds(pid, writes, pool)}
    shutil.rmtree(folder)


def requests_to_log(client: int, token: str, round_: int) -> list[dict[str, str]]:
    """Forms of one client, each with a key of its own."""
    fields = {"channel": "email", "contact": f"1380013{client:04}", "customer_name": "王芳", "demand": "当天修好",
              "happened": "今天 08:30", "description": "光猫 LOS 灯常亮红色，手机和电脑都不能上网",
              "customer_category": "person", "prefers": "phone", "urgency": "normal", "complexity": "simple",
              "request_type": "", "category": "", "level": "",
              "csrf_token": token}  # fmt: skip
    return [fields | {"key": f"http-{round_}-{client}-{n}"} for n in range(WRITES)]


def held() -> list[str]:
    """Cases that the handler works on."""
    found = (
        "SELECT no FROM cases WHERE state = 'in_work' AND paused = ''"
        " AND owner_id = (SELECT id FROM person WHERE login = 'bench_handler')"
        " AND unit_id = (SELECT id FROM unit WHERE code = 'tech') ORDER BY id LIMIT 240"
    )
    return [row[0] for row in read(found, {})]


def operations(pool: Any, pid: int, port: int, handler: str, agent: str, no: str) -> Iterator[tuple[str, str, Call]]:
    """The portal's operations: name, unit, and what measures one round of it (CPU milliseconds of one operation)."""
    _token, reader = token_of(port, "/queues/tech", handler)  # as a browser after its first page

    def read(path: str) -> Call:
        jobs: list[Job] = [(port, "GET", path, reader, [{}] * READS, (200,))] * CLIENTS
        return lambda: milliseconds(pid, jobs, pool)

    yield "queue page", "page", read("/queues/tech")
    yield "case page with 20 entries", "page", read(f"/cases/{no}")
    yield "archive search, two Chinese characters", "page", read("/archive?q=" + quote("光猫"))
    token, logger = token_of(port, "/intake/new", agent)
    rounds = count()

    def log() -> float:
        number, at = next(rounds), "/intake/new"
        jobs: list[Job] = [
            (port, "POST", at, logger, requests_to_log(n, token, number), (200, 303)) for n in range(CLIENTS)
        ]
        return milliseconds(pid, jobs, pool)

    yield "log a request", "POST", log
    token, writer = token_of(port, f"/cases/{no}", handler)
    numbers = held()
    words = {"direction": "out", "means": "phone", "reached": "yes", "words": "已告知客户处理进展", "seen": ""}
    reply = {"csrf_token": token} | {f"contact-{name}": value for name, value in words.items()}
    # each on another case, for its clocks grow by a round with every reply
    paths = [{"path": f"/cases/{numbers[n % len(numbers)]}/do/contact"} for n in range(WRITES * CLIENTS)]
    replies: list[Job] = [
        (port, "POST", "", writer, [reply | path for path in paths[n::CLIENTS]], (200, 303)) for n in range(CLIENTS)
    ]
    yield "reply", "POST", lambda: milliseconds(pid, replies, pool)


def main() -> None:
    """Measures, prints, writes build/bench-http.json."""
    rows = []
    with (
        multiprocessing.get_context("spawn").Pool(CLIENTS) as pool,
        units(pool) as bare,
        portal(10_000, CLOSED) as (app, staff, handler, no),
    ):
        env = {"PORTAL_DATA": str(app.config["PORTAL"].data), "PORTAL_SECRET_KEY": app.config["SECRET_KEY"],
               "DATABASE_URL": ""}  # fmt: skip
        with served("app:app", env, "/healthz") as (pid, port):
            for name, unit, call in operations(pool, pid, port, handler, cookie(app, staff["agent_token"]), no):
                pairs = [(call(), bare[unit]()) for _ in range(ROUNDS)]
                ours, theirs = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
                target, value = TARGETS[name], round(ours / theirs, 2)
                met = value <= target
                rows.append({"name": name, "value": value, "unit": "x bare", "target": target, "met": met})
                beside = f"{value:7.2f} x bare {unit:4} ({theirs:.2f} ms)"
                print(f"{name:42} {ours:7.2f} ms {beside}  target {target:4.1f} {'met' if met else 'MISSED'}")
    out = Path(__file__).resolve().parents[2] / "build" / "bench-http.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
