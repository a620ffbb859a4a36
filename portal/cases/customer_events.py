"""What happens between a case and its customer's file: linked contacts, checked identities, disclosed data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContactLinked:
    """再次来访: the customer came back about the same matter, by a channel of its own (IN8)."""

    channel: str
    words: str
    contact: str
    received: int
    counts: bool = False  # the next reply counts from when it came in; in journals of before from when it was linked


@dataclass(frozen=True)
class IdentityChecked:
    """核身: which facts were asked and were right; `least` is how many the request type wanted."""

    facts: tuple[str, ...]
    wrong: tuple[str, ...]
    least: int
    words: str


@dataclass(frozen=True)
class Disclosed:
    """告知客户资料: what data was told, to whom, after which check."""

    what: str
    means: str
    to: str
    facts: tuple[str, ...]


EVENTS: tuple[type, ...] = (ContactLinked, IdentityChecked, Disclosed)
