"""Busy periods of a hotline, declared by the supervisor."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "busy_period",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("hotline_id", big, nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hotline_id"], ["hotline.id"], name=op.f("fk_busy_period_hotline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_period")),
    )
    op.create_index(op.f("ix_busy_period_from_at"), "busy_period", ["from_at"])


def downgrade() -> None:
    """Removes it."""
    op.drop_table("busy_period")
