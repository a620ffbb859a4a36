"""Restricted cases (AR6), which named people alone read, and the end of every case: its disposal (AR5)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Restricted:
    """限制查阅: who may read the case from now on, as ids and names, and why it is restricted."""

    readers: tuple[int, ...]
    names: tuple[str, ...]
    ground: str
    reason: str


@dataclass(frozen=True)
class Unrestricted:
    """解除限制: whoever may read other cases may read this one again."""

    reason: str


@dataclass(frozen=True)
class Disposed:
    """销毁: the retention period is over; what the entries before said was erased under this certificate (AR5).

    `entries` is how many were erased, `digest` SHA-256 over their commitments.
    """

    batch: str
    entries: int
    digest: str


EVENTS = (Restricted, Unrestricted, Disposed)
