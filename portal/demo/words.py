"""Words of the demonstration."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {}
REFUSALS = {
    "demo_needs_empty_store": _l(
        "There are accounts in this store already; the demonstration is made in an empty one."
    ),
}
