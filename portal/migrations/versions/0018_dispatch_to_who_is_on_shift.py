"""Dispatch rules may name whoever is on shift."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No rule asks for it yet."""
    op.add_column("dispatch_rule", sa.Column("on_shift", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Rules of that kind become rules of the queue."""
    with op.batch_alter_table("dispatch_rule") as table:
        table.drop_column("on_shift")
