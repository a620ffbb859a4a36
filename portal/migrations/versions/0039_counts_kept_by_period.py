"""Counts of past and running periods, kept by the worker for the dashboards."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table; the worker fills it."""
    op.create_table(
        "metric_rollup",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("dirty_since", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("period", "unit_id", name=op.f("pk_metric_rollup")),
    )


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("metric_rollup")
