"""How entries about links, corrections, endings and words after the end read in the history."""

from collections.abc import Mapping
from typing import Any

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, listed, term

Facts = Mapping[str, Any]
FAMILIES = {"channel": "channel", "request_type": "type", "category": "category", "complexity": "complexity"}
Told = tuple[str, str, str, bool]


def value(field: str, text: str) -> str:
    """The value of a corrected field in words."""
    if field == "received":
        return instant(int(text))
    return term(f"{FAMILIES[field]}.{text}") if field in FAMILIES else text or "–"


def _change(f: Facts) -> Told:
    detail = f"{value(f['field'], f['old'])} → {value(f['field'], f['new'])}"
    return term(f"correct.{f['field']}"), detail, f.get("reason", ""), False


def _refused(f: Facts) -> Told:
    return term(f"correct.{f['field']}"), value(f["field"], f["new"]), f["words"], False


def _recounted(f: Facts) -> Told:
    now = {(kind, n): (due, outcome) for kind, n, due, outcome in f["after"]}
    found = []
    for kind, n, due, outcome in f["before"]:
        after = now.get((kind, n))
        if after and after != (due, outcome):
            was, is_ = (f"{term('outcome_of.' + o)} {instant(d)}" for d, o in ((due, outcome), after))
            found.append(f"{term('clock.' + kind)}: {was} → {is_}")
    return "", listed(found) if found else _("No verdict changes."), "", False


def _cause(f: Facts) -> Told:
    old = f"{term('cause.' + f['old_category'])}, {f['old_cause']}"
    return "", f"{old} → {term('cause.' + f['cause_category'])}, {f['cause']}", "", False


def _agreed(f: Facts) -> Told:
    said = _("agrees") if f["agreed"] else _("does not agree")
    return f"{term('outcome.' + f['outcome'])} · {term('role.' + f['role'])} {said}", "", f["words"], False


TELLERS: dict[str, Any] = {
    "Related": lambda f: (f"{term('relation.' + f['kind'])} {f['other_no']}", "", f["words"], False),
    "CauseCorrected": _cause,
    "CorrectionAsked": _change,
    "CorrectionRefused": _refused,
    "FactCorrected": _change,
    "VerdictsRecounted": _recounted,
    "EndAsked": lambda f: (term("outcome." + f["outcome"]), "", f["reason"], False),
    "EndAgreed": _agreed,
    "MessageCame": lambda f: (term("means." + f["means"]), "", f["words"], False),
    "MessagesSorted": lambda f: (term("triage." + f["choice"]), "", f["words"], False),
}
