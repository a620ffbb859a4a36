"""Words of what the worker tells."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "notice.overdue": _l("Deadlines that had already passed"),
}
REFUSALS: dict[str, object] = {}
