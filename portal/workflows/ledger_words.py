"""Words of sheets, ledgers, boards and figures of orders, and what is refused about them."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {
    "order_event.Imported": _l("Brought in from the old ledger"),
    "old.customer": _l("Customer"),
    "old.title": _l("Title"),
    "old.old_no": _l("Number in the old ledger"),
    "old.started": _l("Began"),
    "old.due": _l("Due"),
    "old.ended": _l("Ended"),
    "old.result": _l("Result"),
    "old.outside_no": _l("Numbers outside"),
    "timely.late": _l("Late"),
    "timely.on_time": _l("In time"),
    "ledger_state.running": _l("Under way"),
    "ledger_state.paused": _l("Waits for the customer"),
    "ledger_state.ended": _l("Ended"),
    "ledger_state.completed": _l("Completed"),
    "ledger_state.declined": _l("Declined"),
    "ledger_state.cancelled": _l("Cancelled"),
}
REFUSALS: dict[str, object] = {
    "old_customer_missing": _l("The customer is missing."),
    "old_start_missing": _l("Neither beginning nor end is there."),
    "old_end_wrong": _l("The end lies before the beginning, or in the future."),
    "old_cells_wrong": _l("The row has another number of cells than there are columns."),
    "no_such_order_sheet": _l("There is no sheet %(sheet)s of this order."),
    "no_order_sheets": _l("Order %(no)s has no sheets yet."),
}
