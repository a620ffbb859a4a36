"""Required drills and what they are scored against: the house's figures, read once from drills.toml."""

import tomllib
from pathlib import Path
from typing import Any

_DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "drills.toml").read_text(encoding="utf-8"))
EVERY_DAYS: int = _DATA["every_days"]
REMIND_DAYS: int = _DATA["remind_days"]
OBJECTIVES: dict[str, int] = _DATA["objectives"]
IN_PER_CENT = ("tasks", "findings")  # the others are minutes


def injects(locale: str) -> str:
    """The proposed injects as they are typed: one a line, minutes after the beginning and words."""
    word = "en" if locale == "en" else "zh"
    return "\n".join(f"T+{row['minutes']} {row[word]}" for row in _DATA["inject"])
