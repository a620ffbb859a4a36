"""The board of orders counts from an index alone, and finds the open steps of its orders in one."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

RUNS, OPEN = sa.text("state <> 'ended'"), sa.text("state = 'open'")


def _running(*columns: str) -> None:
    op.drop_index("ix_work_order_running", "work_order")
    op.create_index("ix_work_order_running", "work_order", [*columns], sqlite_where=RUNS, postgresql_where=RUNS)


def upgrade() -> None:
    """Widens one index by what its reader asks for, and adds one."""
    _running("flow", "due_at", "id", "state")
    op.create_index("ix_order_step_here", "order_step", ["order_id", "n"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_order_step_here", "order_step")
    _running("flow", "due_at")
