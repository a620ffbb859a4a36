"""What sealing and verifying the journals cost: seconds a million entries, of one core and by the clock, and memory."""

import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from portal.journal import anchors, seals, stream
from portal.journal.proof import CLEAN, Verification
from portal.kernel import clock
from portal.kernel.db import db, transaction
from tests import stores
from tests.services import empty_database, temporary_postgres

ENTRIES = int(os.environ.get("BENCH_PROOF", 20_000))
ENGINES = os.environ.get("BENCH_ENGINES", "sqlite postgresql").split()
WHOLE, A_STREAM, A_TIME = 1_000_000, 10, 1_000
SEAL = "seal 1,000,000 entries, {}: seconds of CPU, from {:,}"
VERIFY = "verify 1,000,000 entries, {}: seconds of CPU, from {:,}"
CLOCK = "verify 1,000,000 entries, {}: seconds by the clock, from {:,}"
MEMORY = "verify {:,} entries, {}: MB that the process grows by"
SAID = {
    "customer_name": "王芳", "contact": "13800130013", "level": "P3", "demand": "今天上门修好并减免当日费用",
    "description": "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网，重启两次无效",
}  # fmt: skip


def targets() -> dict[str, float]:
    """The rows of the table with their limits: a minute and 300 MB, of which a process at rest takes a hundred."""
    found = {}
    for engine in ENGINES:
        found[SEAL.format(engine, ENTRIES)] = 10.0
        found[VERIFY.format(engine, ENTRIES)] = 60.0
        found[CLOCK.format(engine, ENTRIES)] = 60.0
        found[MEMORY.format(ENTRIES, engine)] = 200.0
    return found


def measure(results: dict[str, float]) -> None:
    """Each engine, one after the other."""
    if "sqlite" in ENGINES:
        with tempfile.TemporaryDirectory() as folder:
            _measure_one(results, Path(folder), None)
    if "postgresql" in ENGINES:
        with temporary_postgres() as server, empty_database(server) as url, tempfile.TemporaryDirectory() as folder:
            _measure_one(results, Path(folder), url)


def _measure_one(results: dict[str, float], folder: Path, url: str | None) -> None:
    app, now = stores.build(folder, url), datetime.fromtimestamp(clock.millis() // 1000, UTC)
    stores.fill(app)
    with app.app_context():
        for begin in range(0, ENTRIES, A_TIME):
            with transaction():
                for n in range(begin, begin + A_TIME):
                    stream.append(f"case:{n // A_STREAM}", "Noted", SAID | {"n": n}, by_id=n % 50, at=now)
        engine, begun = db.engine.dialect.name, time.process_time()
        asked = seals.look()
        while seals.seal_next(asked, int(now.timestamp())):
            pass
        results[SEAL.format(engine, ENTRIES)] = (time.process_time() - begun) * WHOLE / ENTRIES
        anchors.catch_up(anchors.place())
        run, before = Verification(int(now.timestamp()), 0, anchors.place()), _resident()
        begun, since = time.process_time(), time.perf_counter()
        for _step in run.steps():
            pass
        results[VERIFY.format(engine, ENTRIES)] = (time.process_time() - begun) * WHOLE / ENTRIES
        results[CLOCK.format(engine, ENTRIES)] = (time.perf_counter() - since) * WHOLE / ENTRIES
        results[MEMORY.format(ENTRIES, engine)] = max(0.0, _resident() - before)
        if run.code != CLEAN:
            raise RuntimeError(f"not clean: {run.facts()}")
    stores.close(app)


def _resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
