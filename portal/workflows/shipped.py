"""The flows that every installation starts with, read from data/."""

from functools import cache
from pathlib import Path
from typing import Any

from portal.workflows import yaml_text
from portal.workflows.definition import Definition, from_data

DATA = Path(__file__).parent / "data"
FLOWS = ("presales", "verification", "provisioning", "cutover", "protection", "fault", "expansion")  # as listed


def shipped_data(flow: str) -> dict[str, Any]:
    """The data of one shipped flow. Raises FileNotFoundError."""
    data: dict[str, Any] = yaml_text.read((DATA / f"{flow}.yaml").read_text(encoding="utf-8"))
    return data


@cache
def shipped(flow: str) -> Definition:
    """One shipped flow in its first version. Raises FileNotFoundError."""
    return from_data(shipped_data(flow))
