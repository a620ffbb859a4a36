"""The addresses of the room."""

from portal.workflows import (
    board_pages,
    flow_pages,
    ledger_pages,
    order_live,
    order_pages,
    raise_pages,
    sheet_pages,
    timeliness_pages,
)

BLUEPRINTS = (
    flow_pages.bp, raise_pages.bp, order_pages.bp, order_live.bp, sheet_pages.bp, ledger_pages.bp, board_pages.bp,
    timeliness_pages.bp,
)  # fmt: skip
