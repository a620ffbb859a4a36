"""How links, corrections, agreed endings and words after the end change the case row; part of apply."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.cases import matter_events as m


def _related(case: Any, event: m.Related, at: datetime, by: int) -> None:
    link = {"id": event.other_id, "no": event.other_no, "kind": event.kind}
    case.links = [*(one for one in case.links or [] if one["id"] != event.other_id), link]


def _cause(case: Any, event: m.CauseCorrected, at: datetime, by: int) -> None:
    case.cause_category, case.cause = event.cause_category, event.cause


def _asked(case: Any, event: m.CorrectionAsked, at: datetime, by: int) -> None:
    facts = {"field": event.field, "old": event.old, "new": event.new, "reason": event.reason}
    case.correction = facts | {"by": by, "at": int(at.timestamp())}


def _refused(case: Any, event: m.CorrectionRefused, at: datetime, by: int) -> None:
    case.correction = None


def _corrected(case: Any, event: m.FactCorrected, at: datetime, by: int) -> None:
    if event.field == "received":
        case.received_at = datetime.fromtimestamp(int(event.new), UTC)
    elif event.field == "customer":
        case.customer_id, case.customer_name, case.contact = event.customer_id, event.customer_name, event.new
    else:
        setattr(case, event.field, event.new)  # order_no, channel, request_type, category, complexity
    case.correction = None


def _end_asked(case: Any, event: m.EndAsked, at: datetime, by: int) -> None:
    case.ending = {"outcome": event.outcome, "reason": event.reason, "by": by, "agreed": []}


def _end_agreed(case: Any, event: m.EndAgreed, at: datetime, by: int) -> None:
    agreed = [*case.ending["agreed"], {"role": event.role, "by": by}]
    case.ending = case.ending | {"agreed": agreed} if event.agreed else None


def _message(case: Any, event: m.MessageCame, at: datetime, by: int) -> None:
    said = {"at": int(at.timestamp()), "means": event.means, "words": event.words}
    case.messages, case.inward_at = [*(case.messages or []), said], at


def _sorted(case: Any, event: m.MessagesSorted, at: datetime, by: int) -> None:
    case.messages = None


def _nothing(case: Any, event: m.VerdictsRecounted, at: datetime, by: int) -> None:
    """Only the journal keeps it; the clocks stand in their rows."""


APPLY: dict[type[Any], Callable[[Any, Any, datetime, int], None]] = {
    m.Related: _related, m.CauseCorrected: _cause, m.CorrectionAsked: _asked, m.CorrectionRefused: _refused,
    m.FactCorrected: _corrected, m.VerdictsRecounted: _nothing, m.EndAsked: _end_asked, m.EndAgreed: _end_agreed,
    m.MessageCame: _message, m.MessagesSorted: _sorted,
}  # fmt: skip
