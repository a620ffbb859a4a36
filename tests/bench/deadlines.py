"""How fast a deadline is computed: one core, random spans of up to ninety days of working time."""

import random
import time

from portal.clocks.seed import seeded_calendars

MANY, LONGEST = 1_000_000, 90 * 86_400
NAME = f"seconds for {MANY:,} deadlines of up to 90 days"
TARGET = 10.0


def measure(results: dict[str, float], targets: dict[str, float]) -> None:
    """Adds the row and its target; CPU seconds, the spans being drawn beforehand."""
    dice, calendar = random.Random(1), seeded_calendars()["cn-business"]
    year = 1_767_196_800  # 2026-01-01 in Shanghai
    spans = [(year + dice.randrange(365 * 86_400), dice.randrange(1, LONGEST)) for _ in range(MANY)]
    begun = time.process_time()
    for start, seconds in spans:
        calendar.add(start, seconds)
    results[NAME] = time.process_time() - begun
    targets[NAME] = TARGET
