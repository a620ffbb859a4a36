"""The escalation ladder of a policy document while it is being changed. Pure."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import zip_longest
from typing import Any

from portal.clocks.ladder import LEVELS, load_ladder, shipped

Document = dict[str, Any]


def ladder_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The ladder of a document in its raw form; one that says nothing follows the shipped one."""
    found: dict[str, Any] = data.get("ladder") or shipped()
    return found


def with_ladder(data: Document, ladder: Mapping[str, Any], share: float) -> Document:
    """The document with another ladder and another warning point (a share of the limit)."""
    made = deepcopy(data)
    gap = ladder_of(data).get("least_gap", 60)
    made["ladder"] = {"least_gap": gap} | deepcopy(dict(ladder))
    made["warn_share"] = share
    return made


def sealed(data: Mapping[str, Any]) -> str:
    """The ladder as it stands, to see later whether somebody else has changed it."""
    return json.dumps([ladder_of(data), data["warn_share"]], sort_keys=True)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """What the new ladder says differently: (which part, before, now); None = it is not there."""
    before, after = load_ladder(ladder_of(old)), load_ladder(ladder_of(new))
    if old["warn_share"] != new["warn_share"]:
        yield {"part": "share"}, old["warn_share"], new["warn_share"]
    for number, (was, is_now) in enumerate(zip_longest(before.steps, after.steps), 1):
        if was != is_now:
            yield {"part": "step", "number": number}, was, is_now
    for level in LEVELS:
        if before.answers.get(level) != after.answers.get(level):
            yield {"part": "answer", "level": level}, before.answers.get(level), after.answers.get(level)
    if (before.quiet, before.quiet_levels) != (after.quiet, after.quiet_levels):
        yield {"part": "quiet"}, before, after
