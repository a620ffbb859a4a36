"""What can happen to a group customer's file and to a support project: past facts, kept in their journals.

Instants are epoch seconds, days are `YYYY-MM-DD`; `n` numbers everything a file or a project holds.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Basic facts of a group customer: trade, address, department in charge, account manager, contract."""

    trade: str
    address: str
    unit_id: int
    manager_id: int
    manager: str
    manager_unit: int
    contract_no: str
    contract_from: str
    contract_until: str


@dataclass(frozen=True)
class GroupOpened(Facts):
    """建档: a customer became a group customer."""


@dataclass(frozen=True)
class GroupChanged(Facts):
    """Other basic facts; what stood there before is in the entries before this one."""


@dataclass(frozen=True)
class ServiceSet:
    """在用业务: a service as it now is; a new number adds one, a known one changes it."""

    n: int
    kind: str
    circuit_no: str
    bandwidth: str
    end_a: str
    end_z: str
    since: str
    state: str
    order_no: str
    note: str


@dataclass(frozen=True)
class ContactNamed:
    """Somebody to speak with: `side` theirs or ours; ours is a colleague (`person_id`, `unit_id`)."""

    n: int
    side: str
    duty: str
    name: str
    person_id: int
    unit_id: int
    mobile: str
    email: str
    note: str


@dataclass(frozen=True)
class ContactLeft:
    """Nobody speaks with this one any more."""

    n: int
    name: str
    reason: str


@dataclass(frozen=True)
class DocumentFiled:
    """技术档案: a document, known by the checksum of its content."""

    n: int
    topic: str
    title: str
    name: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DocumentWithdrawn:
    """The document is no longer shown; its content stays."""

    n: int
    title: str
    reason: str


@dataclass(frozen=True)
class DuesPlanned:
    """Something to be done by a day, once or as a series: `dues` are (n, period, due, remind) of each."""

    kind: str
    code: str
    title: str
    owner_id: int
    owner: str
    owner_unit: int
    ahead: int
    dues: tuple[tuple[int, str, int, int], ...]


@dataclass(frozen=True)
class DueMoved:
    """Slipped, or put forward: from one day to another, with the reason."""

    n: int
    title: str
    was: int
    due: int
    remind: int
    reason: str


@dataclass(frozen=True)
class DueAdvanced:
    """An optimisation plan is one step on."""

    n: int
    title: str
    phase: str
    words: str


@dataclass(frozen=True)
class DueDone:
    """Done, with what came of it and the document that shows it (0: none)."""

    n: int
    title: str
    words: str
    document: int


@dataclass(frozen=True)
class DueReopened:
    """It was ticked by mistake."""

    n: int
    title: str
    reason: str


@dataclass(frozen=True)
class DueDropped:
    """It is not to be done any more."""

    n: int
    title: str
    reason: str


@dataclass(frozen=True)
class ProjectFacts:
    """What a support project is."""

    name: str
    customer_id: int
    unit_id: int
    leader_id: int
    leader: str
    leader_unit: int
    goal: str


@dataclass(frozen=True)
class ProjectOpened(ProjectFacts):
    """支撑项目立项: planned."""


@dataclass(frozen=True)
class ProjectChanged(ProjectFacts):
    """Other facts of the project."""


@dataclass(frozen=True)
class ProjectMoved:
    """The project stands elsewhere now: planned, running, paused, ended."""

    state: str
    was: str
    reason: str


@dataclass(frozen=True)
class OrderLinked:
    """An order belongs to the project, by its number."""

    no: str


@dataclass(frozen=True)
class OrderUnlinked:
    """It does not."""

    no: str
