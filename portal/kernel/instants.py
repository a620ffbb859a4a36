"""The store's whole epoch seconds and Python's aware instants, one into the other. Pure."""

from datetime import UTC, datetime


def epoch(value: datetime) -> int:
    """Whole epoch seconds of an aware instant."""
    return int(value.timestamp())


def moment(seconds: int) -> datetime:
    """The aware instant of epoch seconds, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def epoch_or_none(value: datetime | None) -> int | None:
    """The same for what may not have happened yet."""
    return epoch(value) if value else None
