"""Beside limits and ladder of a policy: silence (QU11), coming back (QU9), notices a minute (SL8). Pure."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from portal.clocks.deadlines import is_no_time, limit_text, parse_limit
from portal.clocks.ladder import LEVELS, PolicyRefused
from portal.clocks.seed import seeded_policy
from portal.clocks.silence import Silence, load_silence

Document = dict[str, Any]
WEEK = 604_800
NUMBERS = {"reopen_days": (30, 3650), "notices_a_minute": (10, 1000)}  # [H]: as shipped, and the most that is accepted
POINTS = (*(f"stale_{level}" for level in LEVELS), *NUMBERS)


def points(data: Mapping[str, Any]) -> dict[str, str]:
    """All points as people write them: `30m`, `4h`, `1wd`, `1w` for silence, whole numbers for the others."""
    silence = load_silence(data.get("stale"))
    found = {f"stale_{level}": _written(silence[level]) for level in LEVELS}
    return found | {name: str(data.get(name, usual)) for name, (usual, _most) in NUMBERS.items()}


def _written(limit: Silence) -> str:
    if limit.working:
        return f"{limit.amount}wd"
    return f"{limit.amount // WEEK}w" if limit.amount % WEEK == 0 else limit_text(limit.amount, "s")


def with_points(data: Document, typed: Mapping[str, str]) -> Document:
    """The document with all points written anew. Raises PolicyRefused with the point as `row`."""
    made = deepcopy(data)
    made["stale"] = {level: _read(f"stale_{level}", typed) for level in LEVELS}
    for name in NUMBERS:
        text = typed[name].strip()
        made[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return made


def _read(name: str, typed: Mapping[str, str]) -> dict[str, Any]:
    text = typed[name].strip().lower()
    try:
        amount, unit = parse_limit(text)
    except ValueError as error:
        code = "further_silence_no_time" if is_no_time(text) else "further_silence_unreadable"
        raise PolicyRefused(code, row=name, limit=text[:20]) from error
    return {"amount": amount * WEEK, "unit": "s"} if unit == "w" else {"amount": amount, "unit": unit}


def check(data: Mapping[str, Any]) -> None:
    """Raises PolicyRefused for a number that makes no sense; silence is checked where it is read."""
    for name, (usual, most) in NUMBERS.items():
        if not 1 <= data.get(name, usual) <= most:
            raise PolicyRefused("further_number_bad", row=name, most=most)


def sealed(data: Mapping[str, Any]) -> str:
    """The points as they stand, to see later whether somebody else has changed them."""
    return json.dumps(points(data), sort_keys=True)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What the new document says differently: (point, before, now) as people write it."""
    before, after = points(old), points(new)
    yield from ((name, before[name], after[name]) for name in POINTS if before[name] != after[name])


def shipped() -> dict[str, str]:
    """The points as shipped."""
    return points(seeded_policy())
