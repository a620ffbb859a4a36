"""What a new installation starts with: two calendars and the first policy, read from data/."""

import tomllib
from pathlib import Path
from typing import Any

from portal.clocks.calendar import Calendar, from_data

DATA = Path(__file__).parent / "data"


def seeded_calendars() -> dict[str, Calendar]:
    """`always` and `cn-business` by code, with mainland China's holidays of 2025 and 2026."""
    rows = tomllib.loads((DATA / "calendars.toml").read_text(encoding="utf-8"))["calendars"]
    return {row["code"]: from_data(row) for row in rows}


def seeded_policy() -> dict[str, Any]:
    """The first policy version as plain data, ready for rules.load_policy or for a row in the store."""
    return tomllib.loads((DATA / "policy_v1.toml").read_text(encoding="utf-8"))
