"""Memory of two web processes and the worker after some time of load (BENCH_MEMORY seconds, 60 by default)."""

import http.client
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from tests.bench.filled import portal
from tests.bench.served import resident_mb, running, served


def resident(seconds: int) -> float:
    """MB, shared pages counted once, after this many seconds of page loads and checks."""
    with portal(10_000) as (app, _staff, carried, no), ExitStack() as stack:
        env = {
            "PORTAL_DATA": str(Path(app.config["PORTAL"].data)),
            "PORTAL_SECRET_KEY": app.config["SECRET_KEY"],
            "DATABASE_URL": "",
        }
        web, port = stack.enter_context(served("app:app", env, "/healthz"))
        worker = stack.enter_context(running("-m", "portal.cli", "worker", env=env))
        visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for path in ("/queues/tech", "/queues/tech/changes", f"/cases/{no}", "/desk", "/archive?q=光猫"):
                visitor.request("GET", quote(path, safe="/?="), headers={"Cookie": carried})
                visitor.getresponse().read()
        return resident_mb(web) + resident_mb(worker)
