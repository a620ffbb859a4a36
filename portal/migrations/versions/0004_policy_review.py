"""A policy version keeps who drafted it and when, who reviewed it and when, and the words of either."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    for column in (
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False, server_default=""),
    ):
        op.add_column("policy_version", column)


def downgrade() -> None:
    """Removes them."""
    for name in ("note", "reviewed_at", "reviewed_by", "at", "by_id"):
        op.drop_column("policy_version", name)
