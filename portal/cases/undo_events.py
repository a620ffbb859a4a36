"""A compensating event: what somebody just did by mistake is taken back, and the journal keeps both (DK5)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Undone:
    """撤回: the last entry (claimed, assigned, or a message to the customer) was taken back within ten seconds.

    `entry` and `kind` name what was taken back, `at` its instant (epoch seconds); the rest is how it was before.
    """

    entry: int
    kind: str
    at: int
    state: str
    owner_id: int | None = None
    owner: str = ""
    contact_at: int | None = None
    responded_at: int | None = None
