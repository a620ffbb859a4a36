"""The plans in force: shipped ones from data/, later ones from the store; a version is never changed once approved."""

import json
import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from portal.incidents import plan_data
from portal.incidents.plan_data import EXTENTS as EXTENTS
from portal.incidents.plan_data import Named as Named
from portal.incidents.plan_data import Plan as Plan
from portal.kernel import feed
from portal.kernel.db import db, read
from portal.kernel.errors import Invalid

TOPIC = "plans"
APPROVED = "SELECT version, data FROM incident_plan WHERE state = 'effective'"
_known: dict[str, Any] = {}
FILES = ("plans.toml", "plans_2.toml")


@cache
def shipped() -> dict[int, dict[str, Any]]:
    """The documents that come with the portal, by version; one with `base` is laid over that version."""
    found: dict[int, dict[str, Any]] = {}
    for name in FILES:
        with (Path(__file__).parent / "data" / name).open("rb") as file:
            for row in tomllib.load(file)["version"]:
                base = found.get(row.get("base", 0), {})
                found[row["number"]] = plan_data.laid_over(base, row)
    return found


@cache
def _shipped() -> dict[int, Plan]:
    return {number: plan_data.plan(row) for number, row in shipped().items()}


def _written() -> dict[int, Plan]:
    """The approved versions of this house; read again when versions move."""
    key = (str(db.engine.url), feed.version(TOPIC))
    if _known.get("key") != key:
        _known["plans"] = {row[0]: plan_data.plan(_document(row[1])) for row in read(APPROVED, {})}
        _known["key"] = key
    found: dict[int, Plan] = _known["plans"]
    return found


def _document(data: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
    return made


def latest() -> Plan:
    """The plans in force."""
    known = _shipped() | _written()
    return known[max(known)]


def of(version: int) -> Plan:
    """The plans of a version. Raises Invalid for one that does not exist or was never in force."""
    found = _shipped().get(version) or _written().get(version)
    if found is None:
        raise Invalid("no_such_plan", version=version)
    return found


def document(version: int) -> dict[str, Any]:
    """The raw document of a version in force once. Raises Invalid."""
    if version in shipped():
        return deepcopy(shipped()[version])
    for number, data in read(APPROVED, {}):
        if number == version:
            return _document(data)
    raise Invalid("no_such_plan", version=version)


def forget() -> None:
    """Empties the memory: another store is opened."""
    _known.clear()


def words(version: int, code: str, given: str, locale: str) -> str:
    """The words of a task or criterion in the reader's language; what was typed where it is not the plan's."""
    return (code and of(version).label(code, locale)) or given
