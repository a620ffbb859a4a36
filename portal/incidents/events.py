"""What can happen to an incident: past facts, each a frozen record that goes into the journal as it is."""

from dataclasses import dataclass
from typing import Any

from portal.incidents import (
    calling_events,
    closing_events,
    drill_events,
    grading_events,
    merging_events,
    news_events,
    review_events,
)

# Instants in events are whole epoch seconds, so that the journal holds plain JSON.


@dataclass(frozen=True)
class Reported:
    """问题报告: somebody reported time, place, scope and a first idea of the cause."""

    no: str
    title: str
    kind: str
    extent: str
    place: str
    scope: str
    cause: str
    occurred: int
    reporter: str
    plan_version: int
    proposed_grade: str
    affected: int | None = None
    exercise: bool = False
    core: bool = False
    lasts: int | None = None
    attention: str = "none"
    because: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Declared:
    """启动应急预案: class and grade were set and the plan came into force."""

    kind: str
    grade: str
    proposed_grade: str
    reason: str
    plan_version: int
    criteria: tuple[dict[str, Any], ...]
    next_report: int
    because: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Dismissed:
    """不启动: the report was looked at and was no emergency."""

    reason: str


@dataclass(frozen=True)
class GradeChanged:
    """调整等级: up or down, with the reason; `next_report` where the new grade's cadence asks for an earlier one."""

    grade: str
    previous: str
    reason: str
    next_report: int | None = None


@dataclass(frozen=True)
class RoleAssigned:
    """任命: a person took a role (for the commander the hand-over of command) and the open tasks with these numbers."""

    role: str
    person_id: int
    person: str
    previous: str = ""
    handover: str = ""
    tasks: tuple[int, ...] = ()


@dataclass(frozen=True)
class RoleAcknowledged:
    """到岗: a role holder is in place."""

    role: str


@dataclass(frozen=True)
class TaskAdded:
    """任务: something to be done by a named person until an instant."""

    n: int
    title: str
    kind: str
    role: str
    owner_id: int
    owner: str
    due: int
    code: str = ""


@dataclass(frozen=True)
class TaskDone:
    """任务完成: with what proves it."""

    n: int
    title: str
    evidence: str
    code: str = ""


@dataclass(frozen=True)
class TaskMoved:
    """任务转交: another person does it from now on; the due time stays."""

    n: int
    title: str
    owner_id: int
    owner: str
    previous: str
    code: str = ""


@dataclass(frozen=True)
class Entered:
    """记一笔: a decision with its reason and the options that were considered, or information."""

    kind: str
    text: str
    reason: str = ""
    options: str = ""


@dataclass(frozen=True)
class Corrected:
    """更正: an entry that takes the place of an earlier one; the earlier one stays readable."""

    n: int
    text: str


@dataclass(frozen=True)
class SituationReported:
    """情况通报: what is known, and when the next report comes; None: this was the last one."""

    number: int
    text: str
    next_report: int | None


@dataclass(frozen=True)
class ReportPutOff:
    """推迟情况通报: the next report comes later than promised, with the reason."""

    next_report: int
    previous: int
    reason: str


@dataclass(frozen=True)
class AnnouncementDrafted:
    """公告拟稿: a text for customers, not said yet; `restored`: it says that service is back."""

    n: int
    text: str
    channels: str
    recovery: int | None = None
    next_news: int | None = None
    restored: bool = False
    text_en: str = ""


@dataclass(frozen=True)
class AnnouncementPublished:
    """公告发布: said to customers, with the expected recovery and when they hear more."""

    n: int
    text: str
    channels: str
    recovery: int | None = None
    next_news: int | None = None
    restored: bool = False
    text_en: str = ""


@dataclass(frozen=True)
class AffectedEstimated:
    """受影响客户: how many, and what the figure rests on."""

    count: int
    basis: str


@dataclass(frozen=True)
class CaseLinked:
    """关联工单: a customer's case belongs to this incident."""

    case_id: int
    case_no: str


@dataclass(frozen=True)
class CaseUnlinked:
    """解除关联: it does not belong to it after all."""

    case_id: int
    case_no: str
    reason: str


@dataclass(frozen=True)
class ClocksStopped:
    """不可抗力: the clocks of these linked cases were stopped until the incident ends."""

    cases: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class CriterionMet:
    """结束条件达成: with how it was found out."""

    code: str
    how: str


@dataclass(frozen=True)
class CriterionWaived:
    """结束条件不适用: set aside by the commander, with the reason."""

    code: str
    reason: str


@dataclass(frozen=True)
class EndProposed:
    """提议结束: the response group holds that it is over."""

    reason: str


@dataclass(frozen=True)
class Ended:
    """宣布结束: the commander's written statement; what spoke against the end, each with why (`why`) it ended so."""

    statement: str
    open_tasks: tuple[int, ...] = ()
    doubts: tuple[dict[str, Any], ...] = ()
    review_due: int | None = None


EVENTS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        Reported, Declared, Dismissed, GradeChanged, RoleAssigned, RoleAcknowledged, TaskAdded, TaskDone,
        TaskMoved, Entered, Corrected, SituationReported, ReportPutOff, AnnouncementDrafted, AnnouncementPublished,
        AffectedEstimated,
        CaseLinked, CaseUnlinked, ClocksStopped, CriterionMet, CriterionWaived, EndProposed, Ended,
        *closing_events.KINDS, *review_events.KINDS, *calling_events.KINDS, *drill_events.KINDS, *news_events.KINDS,
        *grading_events.KINDS, *merging_events.KINDS,
    )
}  # fmt: skip


def from_facts(kind: str, facts: dict[str, Any]) -> Any:
    """The event a journal entry holds. Lists of the JSON become tuples again; what was spelled otherwise once, too."""
    now = closing_events.as_now(kind, facts)
    return EVENTS[kind](**{k: tuple(v) if isinstance(v, list) else v for k, v in now.items()})
