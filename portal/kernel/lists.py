"""Lists of values inside the statement of a hot reading or writing."""

from collections.abc import Sequence
from typing import Any


def spread(name: str, given: Sequence[Any], form: str = "{}") -> tuple[str, dict[str, Any]]:
    """The marks of these values, each inside `form`, separated by commas; and the values by their marks' names."""
    values = {f"{name}{n}": value for n, value in enumerate(given)}
    return ", ".join(form.format(f":{mark}") for mark in values), values
