"""Words of sheets, ledgers, boards and figures of orders, and what is refused about them."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {
    "timely.late": _l("Late"),
    "timely.on_time": _l("On time"),
    "ledger_state.running": _l("Under way"),
    "ledger_state.paused": _l("Waits for the customer"),
    "ledger_state.ended": _l("Ended"),
    "ledger_state.completed": _l("Completed"),
    "ledger_state.declined": _l("Declined"),
    "ledger_state.cancelled": _l("Cancelled"),
}
REFUSALS: dict[str, object] = {
    "no_such_order_sheet": _l("There is no sheet %(sheet)s of this order."),
    "no_order_sheets": _l("Order %(no)s has no sheets yet."),
}
