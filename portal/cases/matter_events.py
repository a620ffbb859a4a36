"""What can happen to the matter of a case: linked, split, corrected, an ending agreed on, words after its end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Related:
    """关联: this case and another belong together; each of the two carries its side of the link."""

    other_id: int
    other_no: str
    kind: str
    words: str = ""


@dataclass(frozen=True)
class CauseCorrected:
    """更正原因: the cause is corrected when the case is closed; the old one stays in the journal (QU5)."""

    cause_category: str
    cause: str
    old_category: str
    old_cause: str


@dataclass(frozen=True)
class CorrectionAsked:
    """申请更正: a correction that could change a verdict waits for the supervisor (QU7)."""

    field: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True)
class CorrectionRefused:
    """更正未准: what stands, stands."""

    field: str
    new: str
    words: str


@dataclass(frozen=True)
class FactCorrected:
    """更正: a fact of the request (correcting.FIELDS), superseding what was written before (QU7)."""

    field: str
    old: str
    new: str
    reason: str
    customer_id: int = 0
    customer_name: str = ""
    back: bool = False  # entered afterwards (补录): it gets no clock of entry; journals of before gave it one


@dataclass(frozen=True)
class VerdictsRecounted:
    """重新计时: each verdict before and after a correction, as [kind, round, due, outcome] (epoch seconds)."""

    before: tuple[list[object], ...]
    after: tuple[list[object], ...]


@dataclass(frozen=True)
class EndAsked:
    """申请终结: an ending that others have to agree to (SL11)."""

    outcome: str
    reason: str


@dataclass(frozen=True)
class EndAgreed:
    """同意终结: one of those who have to agree did, or refused."""

    outcome: str
    role: str
    agreed: bool
    words: str = ""


@dataclass(frozen=True)
class MessageCame:
    """结案后来信: the customer wrote or called about a case that has ended; somebody sorts it."""

    means: str
    words: str


@dataclass(frozen=True)
class MessagesSorted:
    """来信分拣: thanks, a supplement, or not satisfied."""

    choice: str
    words: str


EVENTS = (
    Related, CauseCorrected, CorrectionAsked, CorrectionRefused, FactCorrected, VerdictsRecounted, EndAsked, EndAgreed,
    MessageCame, MessagesSorted,
)  # fmt: skip
