"""The ledger of orders newest first, and the steps done since a day, each by an index."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the two indexes."""
    op.create_index("ix_work_order_started", "work_order", ["started_at", "id"])
    op.create_index("ix_order_step_done", "order_step", ["done_at"])


def downgrade() -> None:
    """Takes them away again."""
    op.drop_index("ix_order_step_done", "order_step")
    op.drop_index("ix_work_order_started", "work_order")
