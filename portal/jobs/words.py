"""Words of what the worker tells."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "notice.overdue": _l("Deadlines that had already passed"),
    "notice.figures_differ": _l("Kept counts of a period differed from a recount and were replaced"),
    "notice.sealed": _l("Seal of the record"),
    "notice.selfcheck": _l(
        "The nightly self-check found times that do not follow from the journal; ask “portal doctor”"
    ),
}
REFUSALS: dict[str, object] = {}
