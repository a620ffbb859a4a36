"""What chain and commitment cost in "log a request", and fetching a large answer while memory is watched."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.journal import stream
from portal.kernel import clock
from portal.kernel.db import db, transaction, write
from tests import builders

ROUNDS, A_ROUND = 6, 25


def bare(
    name: str, kind: str, facts: dict[str, Any], *, by_id: int, at: datetime, occurred_at: datetime | None = None,
    begins: bool = False,
) -> int:  # fmt: skip
    """An entry as it would be kept without a chain: no head, no salt, no hash; its number alone is looked up."""
    db.session.flush()
    asked = "SELECT coalesce(max(n), 0) + 1 FROM journal WHERE stream = :s"
    n = 1 if begins else write(asked, {"s": name})[0][0]
    happened = int(occurred_at.timestamp()) if occurred_at else None
    row = {"stream": name, "n": n, "at": int(at.timestamp()), "kind": kind, "by_id": by_id, "prev": stream.EMPTY,
           "occurred_at": happened, "commitment": stream.EMPTY, "hash": stream.EMPTY}  # fmt: skip
    number = write(stream.ADDED, row)[0][0]
    write(stream.SAID, {"journal_id": number, "salt": b"", "facts": json.dumps(facts)})
    return int(n)


def measure(results: list[Any], row: Any, staff: dict[str, Any]) -> None:
    """The rate of logging a request with and without, in turn; how much of it the chain takes."""
    spans: dict[bool, list[float]] = {True: [], False: []}
    whole = stream.append
    try:
        for number in range(ROUNDS * 2):
            with_chain = number % 2 == 0
            stream.append = whole if with_chain else bare
            begun = time.perf_counter()
            for one in range(A_ROUND):
                now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
                with transaction():
                    builders.make_case(staff["agent"], now, contact=f"1390000{number:02d}{one:02d}")
            spans[with_chain].append(time.perf_counter() - begun)
    finally:
        stream.append = whole
    lost = 1 - min(spans[False]) / min(spans[True])
    results.append(row("log a request: share of the rate the chain takes, %", lost * 100, 35.0))


def fetched(port: int, path: str, cookie: str, look: Callable[[], float]) -> tuple[float, int]:
    """Reads an answer in pieces; the most that `look` said meanwhile, and the rows the answer's header names."""
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    visitor.request("GET", path, headers={"Cookie": cookie})
    most = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, look())
            done.wait(0.2)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        answer = visitor.getresponse()
        while answer.read(1 << 16):
            pass
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return most, int(answer.headers["X-Rows"])
    finally:
        done.set()
        thread.join()
