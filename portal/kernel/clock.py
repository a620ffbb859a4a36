"""The only module that reads the wall clock. Entry points ask once and pass `now` down."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant: aware, UTC, whole seconds (the portal's unit of time)."""
    return datetime.fromtimestamp(int(millis() / 1000), UTC)


def millis() -> int:
    """The present instant in milliseconds since the epoch, for browsers' timers."""
    return time.time_ns() // 1_000_000


def elapsed() -> float:
    """Seconds that have truly passed, also while the machine slept; beside it a jump of the wall clock shows."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def monotonic() -> float:
    """Seconds of a clock that never jumps; for lengths only."""
    return time.monotonic()
