"""What can happen to an order: past facts, each a frozen record that goes into the journal as it is."""

from dataclasses import dataclass, field
from typing import Any

from portal.workflows.disposal_events import Disposed
from portal.workflows.import_events import Imported
from portal.workflows.sheet_events import SheetWithdrawn

# Instants in events are whole epoch seconds, so that the journal holds plain JSON. `n` is a step's number within its
# order. A due instant comes with the instants at which people are told of it: `warn` (0: none) before, `head` after.


@dataclass(frozen=True)
class Raised:
    """提出: somebody raised an order on one version of a flow, for a customer."""

    no: str
    flow: str
    flow_version: int
    title: str
    customer_name: str
    raising_unit_id: int
    customer_unit_id: int
    raised_by: str
    amount: int
    unit: str
    calendar: str
    calendars: dict[str, int]
    due: int
    warn: int
    head: int
    customer_id: int | None = None
    customer_class: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    class_reason: str = ""  # why it is served otherwise than the class in the customer's file


@dataclass(frozen=True)
class StepBegun:
    """工序开始: the work has come to a unit. `reset` are finished steps that no longer count."""

    n: int
    code: str
    kind: str
    round: int
    unit_id: int
    amount: int
    unit: str
    calendar: str
    due: int
    warn: int
    head: int
    role: str = ""
    outside: bool = False
    sheet: str = ""
    reset: tuple[int, ...] = ()


@dataclass(frozen=True)
class SheetSent:
    """发单: a numbered sheet went to one unit, or to a party outside, of a step that asks several at once."""

    n: int
    parent: int
    part: int
    code: str
    round: int
    unit_id: int
    calendar: str
    sheet: str
    due: int
    warn: int
    head: int
    party: str = ""
    contact: str = ""
    words: str = ""


@dataclass(frozen=True)
class SheetAnswered:
    """反馈: a unit answered; a late answer moves the collector's instants (`parent_due` and so on, else 0)."""

    n: int
    answer: str
    late: int
    outside_no: str = ""
    received_late: int = 0
    parent_due: int = 0
    parent_warn: int = 0
    parent_head: int = 0


@dataclass(frozen=True)
class SheetReturned:
    """退回反馈: an answer was not complete; the sheet goes out again with the next round."""

    n: int
    reason: str


@dataclass(frozen=True)
class StepDone:
    """工序完成: with its evidence; `late` in working seconds. `chosen` is the unit that holds the next step."""

    n: int
    facts: dict[str, Any]
    late: int
    chosen: int = 0


@dataclass(frozen=True)
class Decided:
    """判定: one of the ways out was taken."""

    n: int
    outcome: str
    late: int
    words: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    chosen: int = 0


@dataclass(frozen=True)
class Returned:
    """退回: the work goes back to an earlier step, with the reason; `reset` and `closed` no longer count."""

    n: int
    to: str
    reason: str
    note: str
    round: int
    late: int
    reset: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Held:
    """认领: a person of the unit does this step."""

    n: int
    person_id: int
    person: str


@dataclass(frozen=True)
class HandedOver:
    """转交: another unit holds the step, whose clock begins anew; what the first one used stays with it."""

    n: int
    unit_id: int
    reason: str
    due: int
    warn: int
    head: int


@dataclass(frozen=True)
class PartyNamed:
    """外部单位: who outside the portal does this step, whom we call there, and under which number."""

    n: int
    party: str
    contact: str
    outside_no: str


@dataclass(frozen=True)
class DocumentAdded:
    """附件: a file that proves something; its content is known by its checksum."""

    n: int
    code: str
    name: str
    size: int
    kind: str
    sha256: str


@dataclass(frozen=True)
class Paused:
    """等待客户: all clocks of the order stand still until an instant at most."""

    words: str
    until: int


@dataclass(frozen=True)
class Resumed:
    """恢复计时: the clocks run again; `moved` holds (n, due, warn, head) of each open step."""

    since: int
    until: int
    due: int
    warn: int
    head: int
    words: str = ""
    moved: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Reserved:
    """预留: resources are kept for the customer until an instant."""

    r: int
    n: int
    unit_id: int
    what: str
    until: int
    warn: int


@dataclass(frozen=True)
class ReservationProlonged:
    """预留延期: with the reason."""

    r: int
    until: int
    warn: int
    reason: str


@dataclass(frozen=True)
class ReservationReleased:
    """预留释放: the resources are free again."""

    r: int
    reason: str


@dataclass(frozen=True)
class ReservationExpired:
    """预留到期: nobody prolonged it."""

    r: int


@dataclass(frozen=True)
class Chased:
    """催办: somebody asked the holder of a step to hurry."""

    n: int
    words: str


@dataclass(frozen=True)
class Cancelled:
    """撤销: the order is not wanted any more."""

    reason: str


@dataclass(frozen=True)
class Ended:
    """办结: the course came to an end; `late` in working seconds beyond the whole limit."""

    result: str
    late: int


EVENTS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        Raised, StepBegun, SheetSent, SheetAnswered, SheetReturned, StepDone, Decided, Returned, Held, HandedOver,
        PartyNamed, DocumentAdded, Paused, Resumed, Reserved, ReservationProlonged, ReservationReleased,
        ReservationExpired, Chased, Cancelled, Ended, Imported, SheetWithdrawn, Disposed,
    )
}  # fmt: skip


def from_facts(kind: str, facts: dict[str, Any]) -> Any:
    """The event a journal entry holds. Lists of the JSON become tuples again."""
    return EVENTS[kind](**{k: tuple(v) if isinstance(v, list) else v for k, v in facts.items()})
