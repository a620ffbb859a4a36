"""How the timeline speaks of review, measures and calls."""

from typing import Any

from flask_babel import gettext as _

from portal.kernel.i18n import day


def _measure(f: dict[str, Any], plan: Any, language: str) -> str:
    due = _("due %(due)s, tested again %(retest)s", due=day(f["due"]), retest=day(f["retest"]))
    return f"{f['n']}. {f['text']} · {f['owner']} · {due}"


def _verified(f: dict[str, Any], plan: Any, language: str) -> str:
    return f"{f['n']}. {_('The proof holds') if f['accepted'] else _('To be done again')} · {f['words']}"


def _passed(f: dict[str, Any], plan: Any, language: str) -> str:
    why = f" ({_('could not be told')})" if f.get("unreached") else ""
    return f"{plan.roles[f['role']].word(language)} · {f['previous']}{why} → {f['person'] or _('nobody is left')}"


def _by_hand(f: dict[str, Any], plan: Any, language: str) -> str:
    return f"{f['person']} · {_('Reached') if f['reached'] else _('Not reached')} · {f['words']}"


DETAILS: dict[str, Any] = {
    "CalledOut": lambda f, plan, lang: f"{plan.roles[f['role']].word(lang)} · {f['person']}",
    "CallAnswered": lambda f, plan, lang: plan.roles[f["role"]].word(lang),
    "CalledByHand": _by_hand,
    "CallPassed": _passed,
    "CommandOffered": lambda f, plan, lang: " · ".join(x for x in (f["person"], f["handover"]) if x),
    "CommandDeclined": lambda f, plan, lang: f"{f['person']} · {f['reason']}",
    "ReviewWritten": lambda f, plan, lang: _("Finished") if f["finished"] else _("Saved, not finished"),
    "MeasureAdded": _measure,
    "MeasureDone": lambda f, plan, lang: f"{f['n']}. {f['evidence']}",
    "MeasureVerified": _verified,
    "MeasureTested": lambda f, plan, lang: (
        f"{f['n']}. {_('It held') if f['held'] else _('To be done again')} · {f['words']}"
    ),
}
