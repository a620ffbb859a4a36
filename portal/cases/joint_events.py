"""What can happen to a case between departments: returns, lines of escalation, decided extensions, disputed levels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Returned:
    """退单: the department that was given the case hands it back, for a reason on the list."""

    unit_id: int
    unit: str
    from_unit_id: int
    from_unit: str
    code: str
    words: str


@dataclass(frozen=True)
class Escalated:
    """升级: the case goes to the next line of the same department, with a share of the time that is left."""

    tier: int
    reason: str


@dataclass(frozen=True)
class ExtensionDecided:
    """延期审批: a new time was approved, or refused so that the old instant stands."""

    kind: str
    due: int
    old_due: int
    approved: bool
    words: str


@dataclass(frozen=True)
class Disputed:
    """等级争议: a department concerned, the agent or the supervisor disputes the level; a consultation begins."""

    level: str
    why: str
    unit_id: int
    unit: str
    until: int


@dataclass(frozen=True)
class Voted:
    """会商表态: what a department concerned says in the consultation, or that it was absent."""

    unit_id: int
    unit: str
    level: str
    words: str


@dataclass(frozen=True)
class DisputeSettled:
    """会商结论: the final level with its reason; lapsed: the half hour passed and the stricter level stands."""

    level: str
    previous: str
    reason: str
    lapsed: bool = False
