"""How the timeline speaks of review and measures."""

from typing import Any

from flask_babel import gettext as _

from portal.kernel.i18n import day


def _measure(f: dict[str, Any], plan: Any, language: str) -> str:
    due = _("due %(due)s, tested again %(retest)s", due=day(f["due"]), retest=day(f["retest"]))
    return f"{f['n']}. {f['text']} · {f['owner']} · {due}"


def _verified(f: dict[str, Any], plan: Any, language: str) -> str:
    return f"{f['n']}. {_('The proof holds') if f['accepted'] else _('To be done again')} · {f['words']}"


DETAILS: dict[str, Any] = {
    "ReviewWritten": lambda f, plan, lang: _("Finished") if f["finished"] else _("Saved, not finished"),
    "MeasureAdded": _measure,
    "MeasureDone": lambda f, plan, lang: f"{f['n']}. {f['evidence']}",
    "MeasureVerified": _verified,
    "MeasureTested": lambda f, plan, lang: (
        f"{f['n']}. {_('It held') if f['held'] else _('To be done again')} · {f['words']}"
    ),
}
