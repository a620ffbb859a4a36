"""Calendar versions say who made them, when and why; changes not yet in force wait in a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, the table of drafts, and an index over the few provisional clocks."""
    op.add_column("calendar_version", sa.Column("by_id", sa.BigInteger(), nullable=True))
    op.add_column("calendar_version", sa.Column("at", sa.BigInteger(), nullable=True))
    op.add_column("calendar_version", sa.Column("note", sa.String(length=400), server_default="", nullable=False))
    op.create_table(
        "calendar_draft",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_calendar_draft")),
    )
    op.create_index(
        "ix_clock_provisional",
        "clock",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("provisional IS 1"),
        postgresql_where=sa.text("provisional IS true"),
    )


def downgrade() -> None:
    """Removes them."""
    op.drop_index("ix_clock_provisional", table_name="clock")
    op.drop_table("calendar_draft")
    for name in ("note", "at", "by_id"):
        op.drop_column("calendar_version", name)
