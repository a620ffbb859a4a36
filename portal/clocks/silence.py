"""How long an open case may stay without an entry (QU11): the section [stale] of a policy. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from portal.clocks.ladder import LEVELS, PolicyRefused
from portal.clocks.seed import seeded_policy


class Silence(NamedTuple):
    """Seconds of wall clock, or whole working days (`working`)."""

    amount: int
    working: bool


def load_silence(data: Mapping[str, Any] | None) -> Mapping[str, Silence]:
    """The limits by level; a policy without the section uses the shipped one. Raises PolicyRefused."""
    if data is None:
        return _shipped()
    found = {}
    for level in LEVELS:
        limit = data.get(level)
        if limit is None or limit["unit"] not in ("s", "wd"):
            raise PolicyRefused("policy_unit_unknown", row=f"stale.{level}")
        if limit["amount"] <= 0:
            raise PolicyRefused("policy_limit_not_positive", row=f"stale.{level}")
        found[level] = Silence(limit["amount"], limit["unit"] == "wd")
    return found


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Silence]:
    return load_silence(seeded_policy()["stale"])
