"""Drills that are planned, and what a drill has besides an incident."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds them; the incidents that are there have no injects."""
    op.add_column("incident", sa.Column("drill", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("incident", sa.Column("inject_next", sa.BigInteger(), nullable=True))
    there = sa.text("inject_next IS NOT NULL")
    op.create_index("ix_incident_inject", "incident", ["inject_next"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "drill",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("extent", sa.String(12), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("objectives", sa.JSON(), nullable=False),
        sa.Column("injects", sa.JSON(), nullable=False),
        sa.Column("told_next", sa.BigInteger(), nullable=True),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.UniqueConstraint("key"),
    )
    told = sa.text("told_next IS NOT NULL")
    op.create_index("ix_drill_told_next", "drill", ["told_next"], sqlite_where=told, postgresql_where=told)
    op.create_index("ix_drill_kind", "drill", ["kind", "planned_at"])


def downgrade() -> None:
    """Takes them out."""
    op.drop_table("drill")
    op.drop_index("ix_incident_inject", "incident")
    op.drop_column("incident", "inject_next")
    op.drop_column("incident", "drill")
