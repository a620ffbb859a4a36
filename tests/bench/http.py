"""`make bench-http`: server CPU per operation over HTTP, in units of a bare Flask page or a bare committing POST."""

import http.client
import json
import multiprocessing
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.bench import bare_app
from tests.bench.filled import cookie, portal
from tests.bench.served import cpu_seconds, served

CLIENTS = 4
READS, WRITES = 150, 60  # of each client
TARGETS = {"queue page": 4.0, "case page with 20 entries": 4.0, "log a request": 8.0, "reply": 8.0,
           "archive search, two Chinese characters": 4.0}  # fmt: skip
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


def units(pool: Any) -> tuple[float, float]:
    """CPU milliseconds of the bare page and of the bare POST."""
    folder = Path(tempfile.mkdtemp())
    env = {"BARE_STORE": str(folder / "bare.db")}
    bare_app.fill(env["BARE_STORE"])
    with served("tests.bench.bare_app:app", env, "/") as (pid, port):
        page = milliseconds(pid, [(port, "GET", "/", "", [{}] * READS, (200,))] * CLIENTS, pool)
        post = milliseconds(pid, [(port, "POST", "/", "", [{"words": "记录"}] * WRITES, (200,))] * CLIENTS, pool)
    shutil.rmtree(folder)
    return page, post


def requests_to_log(client: int, token: str) -> list[dict[str, str]]:
    """Forms of one client, each with a key of its own."""
    fields = {"channel": "email", "contact": f"1380013{client:04}", "customer_name": "王芳", "demand": "当天修好",
              "happened": "今天 08:30", "description": "光猫 LOS 灯常亮红色，手机和电脑都不能上网",
              "customer_category": "person", "prefers": "phone", "urgency": "normal", "complexity": "simple",
              "request_type": "", "category": "", "level": "",
              "csrf_token": token}  # fmt: skip
    return [fields | {"key": f"http-{client}-{n}"} for n in range(WRITES)]


def measure(pool: Any, pid: int, port: int, handler: str, agent: str, no: str) -> dict[str, float]:
    """CPU milliseconds of each operation of the portal."""
    found: dict[str, float] = {}

    def read(name: str, path: str) -> None:
        found[name] = milliseconds(pid, [(port, "GET", path, handler, [{}] * READS, (200,))] * CLIENTS, pool)

    read("queue page", "/queues/tech")
    read("case page with 20 entries", f"/cases/{no}")
    read("archive search, two Chinese characters", "/archive?q=" + quote("光猫"))
    token, kept = token_of(port, "/intake/new", agent)
    jobs: list[Job] = [
        (port, "POST", "/intake/new", kept, requests_to_log(n, token), (200, 303)) for n in range(CLIENTS)
    ]
    found["log a request"] = milliseconds(pid, jobs, pool)
    token, kept = token_of(port, f"/cases/{no}", handler)
    words = {"direction": "out", "means": "phone", "reached": "yes", "words": "已告知客户处理进展", "seen": ""}
    reply = {"csrf_token": token} | {f"contact-{name}": value for name, value in words.items()}
    path = f"/cases/{no}/do/contact"
    found["reply"] = milliseconds(pid, [(port, "POST", path, kept, [reply] * WRITES, (200, 303))] * CLIENTS, pool)
    return found


def main() -> None:
    """Measures, prints, writes build/bench-http.json."""
    say: Callable[[str], None] = print
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
        page, post = units(pool)
        say(f"bare page {page:.2f} ms, bare POST {post:.2f} ms of server CPU (the units)")
        with portal(10_000) as (app, staff, handler, no):
            env = {"PORTAL_DATA": str(app.config["PORTAL"].data), "PORTAL_SECRET_KEY": app.config["SECRET_KEY"],
                   "DATABASE_URL": ""}  # fmt: skip
            with served("app:app", env, "/healthz") as (pid, port):
                found = measure(pool, pid, port, handler, cookie(app, staff["agent_token"]), no)
    rows = []
    for name, target in TARGETS.items():
        unit = post if name in ("log a request", "reply") else page
        value = round(found[name] / unit, 2)
        rows.append({"name": name, "value": value, "unit": "x bare", "target": target, "met": value <= target})
        verdict = "met" if value <= target else "MISSED"
        say(f"{name:42} {found[name]:7.2f} ms {value:7.2f} x bare  target {target:4.1f} {verdict}")
    out = Path(os.path.dirname(__file__)).resolve().parents[1] / "build" / "bench-http.json"
    out.write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
