"""Words of sheets, ledgers, boards and figures of orders, and what is refused about them."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {}
REFUSALS: dict[str, object] = {
    "no_such_order_sheet": _l("There is no sheet %(sheet)s of this order."),
    "no_order_sheets": _l("Order %(no)s has no sheets yet."),
}
