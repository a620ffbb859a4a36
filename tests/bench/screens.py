"""Open queue screens as a browser keeps them: one connection each, a check every few seconds, seeing what changed."""

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.bench.served import cpu_by_process, parts_of

ROW = re.compile(rb'<tr id="case-(\d+)"[^>]* data-v="(\d+)"')
TAG = re.compile(r'id="feed"[^>]* hx-ptag="([^"]+)"')
PATIENCE = 15.0  # seconds: after that a request has failed


class Plan(NamedTuple):
    """What is done: (department, cookie) of each screen, seconds between checks, and changes and pages a second."""

    port: int
    screens: list[tuple[str, str]]
    every: float
    seconds: float
    cases: dict[str, list[tuple[int, str]]]
    writer: str
    token: str
    changes: float
    pages: float
    pid: int


@dataclass
class Figures:
    """What came of it: seconds of each kind, bytes that all screens received, changes that some screen never saw."""

    seen: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    bytes: int = 0
    content: int = 0  # of these in the answers' bodies
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)  # the server's, in seconds, by kind of process
    unseen: int = 0
    failed: int = 0


@dataclass
class Changed:
    """A case that was written to, when, and how many screens have seen it."""

    at: float
    department: str
    seen: set[int] = field(default_factory=set)


class Line:
    """One kept-alive connection; `answer` gives status, headers and body."""

    def __init__(self, port: int) -> None:
        self.port, self.reader, self.writer = port, None, None
        self.bytes = self.content = 0

    async def answer(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Any:
        """Sends a request and reads its answer; raises OSError or TimeoutError."""
        return await asyncio.wait_for(self._answer(method, path, headers, body), PATIENCE)

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)  # type: ignore[assignment]
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        reader: Any = self.reader
        writer: Any = self.writer
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        told = {k.lower(): v for k, v in (line.split(": ", 1) for line in rest if ": " in line)}
        content = await reader.readexactly(int(told.get("content-length", 0)))
        self.bytes += len(head) + len(content)
        self.content += len(content)
        if told.get("connection") == "close":
            self.close()
        return int(first.split()[1]), told, content

    def close(self) -> None:
        """Hangs up; the next request opens the line anew."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Run:
    """One stretch of watching."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.figures = plan, Figures()
        self.changed: dict[int, Changed] = {}
        self.before: dict[int, int] = {}  # the version in which each case was first shown
        self.ends = 0.0

    async def screen(self, number: int) -> None:
        """Opens a queue, then asks for changes until the end."""
        department, cookies = self.plan.screens[number]
        line, path = Line(self.plan.port), f"/queues/{department}"
        await asyncio.sleep(random.random() * min(self.plan.every, 2.0))
        status, _, page = await line.answer("GET", path, {"Cookie": cookies})
        found = TAG.search(page.decode())
        if status != 200 or not found:
            raise RuntimeError(f"{path}: {status}")
        for case, version in ROW.findall(page):
            self.before.setdefault(int(case), int(version))
        tag, line.bytes, line.content = found.group(1), 0, 0
        self.opened.release()
        await self.begun.wait()
        await asyncio.sleep(random.random() * self.plan.every)
        while time.perf_counter() < self.ends:
            asked = time.perf_counter()
            status, told, body = await line.answer(
                "GET", f"{path}/changes", {"Cookie": cookies, "HX-Request": "true", "HX-PTag": tag}
            )
            if status == 200:
                self.look(number, body)
            elif status != 204:
                self.figures.failed += 1
            tag = told.get("hx-ptag", tag)
            await asyncio.sleep(max(0.0, asked + self.plan.every - time.perf_counter()))
        self.figures.bytes += line.bytes
        self.figures.content += line.content
        line.close()

    def look(self, number: int, body: bytes) -> None:
        """Which changes this screen now shows for the first time."""
        for case, version in ROW.findall(body):
            change = self.changed.get(int(case))
            if change and number not in change.seen and int(version) > self.before.get(int(case), 10**9):
                change.seen.add(number)
                self.figures.seen.append(time.perf_counter() - change.at)

    async def change(self) -> None:
        """Writes notes, each on another case, at a steady rate."""
        line, rest = Line(self.plan.port), [(code, *one) for code, row in self.plan.cases.items() for one in row]
        for turn, (department, case, no) in enumerate(random.Random(1).sample(rest, len(rest))):
            if time.perf_counter() > self.ends - self.plan.every - 1.0:
                break
            begun = time.perf_counter()
            self.changed[case] = Changed(begun, department)
            body = urlencode({"csrf_token": self.plan.token, "note-text": f"第 {turn} 次核对线路"}).encode()
            status, *_ = await line.answer("POST", f"/cases/{no}/do/note", {"Cookie": self.plan.writer}, body)
            self.figures.failed += status != 303
            self.figures.writes.append(time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, begun + 1 / self.plan.changes - time.perf_counter()))
        line.close()

    async def read(self) -> None:
        """Opens case pages at a steady rate, as people do who work."""
        line, numbers = Line(self.plan.port), [no for row in self.plan.cases.values() for _, no in row]
        while time.perf_counter() < self.ends:
            begun = time.perf_counter()
            status, *_ = await line.answer("GET", f"/cases/{random.choice(numbers)}", {"Cookie": self.plan.writer})
            self.figures.failed += status != 200
            self.figures.pages.append(time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, begun + 1 / self.plan.pages - time.perf_counter()))
        line.close()

    async def all(self) -> Figures:
        """Opens every screen, then lets the stretch run."""
        self.opened, self.begun = asyncio.Semaphore(0), asyncio.Event()
        screens = []
        for first in range(0, len(self.plan.screens), 100):  # a hundred at a time
            some = range(first, min(first + 100, len(self.plan.screens)))
            screens += [asyncio.create_task(self.screen(n)) for n in some]
            for _ in some:
                await asyncio.wait_for(self.opened.acquire(), 4 * PATIENCE)
        begun, used = time.perf_counter(), cpu_by_process(self.plan.pid)
        self.ends = begun + self.plan.seconds
        self.begun.set()
        await asyncio.gather(self.change(), self.read(), *screens)
        self.figures.seconds = time.perf_counter() - begun
        parts = parts_of(self.plan.pid)
        for one, seconds in cpu_by_process(self.plan.pid).items():
            kind = parts.get(one, "other")
            self.figures.cpu[kind] = self.figures.cpu.get(kind, 0.0) + seconds - used.get(one, 0.0)
        self.figures.unseen = self._unseen()
        return self.figures

    def _unseen(self) -> int:
        """Pairs of a change and a screen of its department that never showed it."""
        watching: dict[str, int] = {}
        for department, _ in self.plan.screens:
            watching[department] = watching.get(department, 0) + 1
        return sum(watching.get(c.department, 0) - len(c.seen) for c in self.changed.values())


async def watch(plan: Plan) -> Figures:
    """Runs one stretch."""
    return await Run(plan).all()


def quantile(values: list[float], share: int) -> float:
    """The value below which so many per cent lie; 0 without values."""
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)] if values else 0.0
