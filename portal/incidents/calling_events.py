"""What happens while people are called out and command changes hands."""

from dataclasses import dataclass
from typing import Any

# Instants in events are whole epoch seconds, so that the journal holds plain JSON.


@dataclass(frozen=True)
class CalledOut:
    """呼叫到岗: the holder of a role is called; without an answer until then the next in line is called."""

    n: int
    role: str
    person_id: int
    person: str
    until: int


@dataclass(frozen=True)
class CallAnswered:
    """确认呼叫: the person has heard and is coming."""

    n: int
    role: str


@dataclass(frozen=True)
class CalledByHand:
    """人工呼叫: somebody telephoned; reached counts as heard."""

    n: int
    person: str
    reached: bool
    words: str


@dataclass(frozen=True)
class CallPassed:
    """未应答，依次呼叫下一人: nobody answered in time; `person` is who is called now, empty for nobody left.

    `unreached`: the news of it was refused on its way out (F-35), so that nobody waited for the time to pass.
    """

    n: int
    role: str
    previous: str
    person: str
    unreached: bool = False


@dataclass(frozen=True)
class CommandOffered:
    """移交指挥权（待接受）: until the incoming commander accepts, the old one stays in command."""

    person_id: int
    person: str
    handover: str


@dataclass(frozen=True)
class CommandDeclined:
    """未接受指挥权: the old commander stays."""

    person: str
    reason: str


@dataclass(frozen=True)
class NotTold:
    """通知未能送出: the portal could not write the notices of this kind; these people are to be telephoned."""

    kind: str
    people: tuple[str, ...]


KINDS: tuple[type[Any], ...] = (
    NotTold,
    CalledOut,
    CallAnswered,
    CalledByHand,
    CallPassed,
    CommandOffered,
    CommandDeclined,
)
