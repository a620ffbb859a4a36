"""What may be refused, and the HTTP status each refusal means. Sentences are in each room's words.py."""

from typing import Any


class Refused(Exception):
    """Base of every expected refusal: a code and the facts that fill its sentence."""

    status = 409

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Forbidden(Refused):
    """The actor may not do this."""

    status = 403


class Missing(Refused):
    """There is no such thing, or none that this actor may know of."""

    status = 404


class Stale(Refused):
    """Someone else changed the record since this actor saw it."""


class Invalid(Refused):
    """What was typed cannot be accepted; `field` in the facts names the place."""

    status = 422


class Busy(Refused):
    """The store could not take the write just now; nothing was changed."""

    status = 503
