"""What can happen to a case: past facts, each a frozen record that goes into the journal as it is."""

from dataclasses import dataclass, field
from typing import Any

from portal.cases import customer_events, guard_events, incident_events, legacy_events, matter_events, team_events
from portal.cases.dispatch_events import Dispatched
from portal.cases.file_events import Attached
from portal.cases.joint_events import Disputed, DisputeSettled, Escalated, ExtensionDecided, Returned, Voted
from portal.cases.undo_events import Undone

# Instants in events are whole epoch seconds, so that the journal holds plain JSON.


@dataclass(frozen=True)
class Logged:
    """受理登记: a request was taken down."""

    no: str
    channel: str
    customer_id: int
    customer_name: str
    contact: str
    caller: str
    request_type: str
    category: str
    title: str
    description: str
    demand: str
    happened: str
    received: int
    urgency: str
    proposed_level: str
    complexity: str
    unit_id: int
    intake_unit_id: int
    expected: int | None = None
    order_no: str = ""
    product: str = ""
    symptom: str = ""
    prefers: str = "phone"
    read_back: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    source: str = ""
    overruled: str = ""
    exercise: bool = False
    extra: dict[str, str] = field(default_factory=dict)  # what the request type asks for besides
    proposal: dict[str, Any] | None = None  # what was proposed, and by which versions (IN6)
    entry_calendar: str = ""  # of a voicemail: the service hours of its hotline (IN12)
    unentered: bool = False  # elements are lacking, the clock of entry runs on; not in journals of before


@dataclass(frozen=True)
class Completed:
    """补全: a machine-received or imported request got its missing elements."""

    description: str
    demand: str
    happened: str
    overruled: str = ""  # why a supervisor takes the vague description as it is (IN3)


@dataclass(frozen=True)
class Judged:
    """判级: the level was set, with what led to it."""

    level: str
    reason: str
    impact: str
    urgency: str
    harm: bool
    unit_id: int
    previous: str = ""
    basis: str = "first"
    unit: str = ""
    last_quarter: bool = False  # lowered when three quarters of the result's limit had gone (SL5)


@dataclass(frozen=True)
class Claimed:
    """领取: a named person took the case."""

    person_id: int
    person: str


@dataclass(frozen=True)
class Assigned:
    """指派: the case was given to a named person."""

    person_id: int
    person: str
    reason: str = ""
    how: str = ""  # deputy, leaver or shift: in whose place, where it was not simply given
    instead_of: str = ""


@dataclass(frozen=True)
class Transferred:
    """转接: the case went to another department."""

    unit_id: int
    unit: str
    from_unit_id: int
    from_unit: str
    reason: str
    expected: int | None = None


@dataclass(frozen=True)
class WorkStarted:
    """启动处理: what is being done, in words, by a named person."""

    what: str


@dataclass(frozen=True)
class Contacted:
    """联系: a contact with the customer, or an attempt that reached nobody."""

    direction: str
    means: str
    reached: bool
    words: str
    promised: int | None = None
    automatic: bool = False
    by_person: bool = True
    by_lead: bool | None = None  # by the leading department; None in journals of before, and where nobody was reached
    via: str = ""  # the number of the case merged into this one at which it came in
    again: int | None = None  # nobody was reached: when it is tried again
    renews: bool = False  # the next progress counts from it at every level that has one; not in journals of before


@dataclass(frozen=True)
class Noted:
    """备注: an internal note."""

    text: str


@dataclass(frozen=True)
class ResultWritten:
    """书面结果: the result in writing, with its cause."""

    text: str
    cause_category: str
    cause: str


@dataclass(frozen=True)
class Told:
    """告知: the result reached the customer."""

    means: str
    words: str
    promised: int | None = None


@dataclass(frozen=True)
class Confirmed:
    """客户确认: the customer said so, in words that are kept."""

    verdict: str
    means: str
    words: str


@dataclass(frozen=True)
class NotSatisfied:
    """不满意: the customer refused the result; a new round begins."""

    means: str
    words: str
    renews: bool = False  # as in Contacted


@dataclass(frozen=True)
class Rated:
    """评价: the customer's rating 1-5, or that none was given."""

    overall: int | None
    means: str
    comment: str = ""
    speed: int | None = None
    efficiency: int | None = None
    attitude: int | None = None
    usefulness: int | None = None


@dataclass(frozen=True)
class Closed:
    """结案: the case ended with an outcome and was archived in the same instant."""

    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Reopened:
    """重开: a closed case came back; a new cycle. `proposed`: a stricter level, when it came back again and again."""

    reason: str
    proposed: str = ""


@dataclass(frozen=True)
class Chased:
    """催办: somebody pressed for progress."""

    by_customer: bool
    words: str


@dataclass(frozen=True)
class Paused:
    """暂停: a reason on the list stops the clocks that may stop; `until`: its cap, None in journals of before (SL4)."""

    reason: str
    words: str
    until: int | None = None


@dataclass(frozen=True)
class Resumed:
    """恢复: the clocks run again; `code` when nobody said so: the pause's cap was reached, its incident has ended."""

    why: str
    code: str = ""


@dataclass(frozen=True)
class Extended:
    """延期: a new time agreed with the customer before the old one ran out."""

    kind: str
    due: int
    old_due: int
    reason: str
    told: str


@dataclass(frozen=True)
class Planned:
    """排期: adopted, not adopted or planned, and the cycle told."""

    decision: str
    cycle: str
    words: str


@dataclass(frozen=True)
class Voided:
    """作废: wrong number, nuisance or test."""

    reason: str


@dataclass(frozen=True)
class Merged:
    """并入: the same matter is followed in another case."""

    into_id: int
    into_no: str
    reason: str


@dataclass(frozen=True)
class Linked:
    """关联应急: the case belongs to an incident."""

    incident_id: int
    incident_no: str
    title: str


@dataclass(frozen=True)
class Unlinked:
    """解除关联: the case does not belong to the incident after all."""

    incident_no: str
    reason: str


EVENTS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        Logged, Completed, Judged, Claimed, Assigned, Transferred, Returned, Escalated, WorkStarted, Contacted, Noted,
        ResultWritten, Told, Confirmed, NotSatisfied, Rated, Closed, Reopened, Chased, Paused, Resumed, Extended,
        ExtensionDecided, Disputed, Voted, DisputeSettled, Planned, Voided, Merged, Linked, Unlinked, Attached,
        Dispatched, *customer_events.EVENTS, *team_events.EVENTS, *matter_events.EVENTS, *guard_events.EVENTS, Undone,
        *incident_events.EVENTS, *legacy_events.EVENTS,
    )
}  # fmt: skip


def from_facts(kind: str, facts: dict[str, Any]) -> Any:
    """The event a journal entry holds. Lists of the JSON become tuples again."""
    return EVENTS[kind](**{k: tuple(v) if isinstance(v, list) else v for k, v in facts.items()})
