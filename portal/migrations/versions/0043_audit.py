"""The auditor's samples with their sheets, and findings with their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()


def upgrade() -> None:
    """Adds the tables, empty."""
    op.create_table(
        "audit_sample",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("seed", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("size", "of")),
        *(sa.Column(name, BIG, nullable=False) for name in ("from_at", "to_at", "drawn_by", "drawn_at")),
    )
    op.create_table(
        "audit_sample_item",
        sa.Column("sample_id", BIG_ID, sa.ForeignKey("audit_sample.id"), primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("no", sa.String(20), nullable=False),
        sa.Column("ticks", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name in ("checked_by", "checked_at")),
    )
    op.create_table(
        "audit_finding",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("no", sa.String(20), nullable=False),
        sa.Column("sample_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("written_by", "written_at")),
        sa.Column("answer", sa.Text(), nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name in ("answered_by", "answered_at", "closed_at")),
    )
    op.create_index("ix_audit_finding_unit", "audit_finding", ["unit_id", "state"])


def downgrade() -> None:
    """Removes them."""
    for table in ("audit_finding", "audit_sample_item", "audit_sample"):
        op.drop_table(table)
