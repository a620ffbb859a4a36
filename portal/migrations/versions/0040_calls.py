"""Calls of the telephone system, as it hands them in."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "call_record",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("hotline_id", big, nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("hold", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("handed", sa.Boolean(), nullable=False),
        sa.Column("busy", sa.Boolean(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hotline_id"], ["hotline.id"], name=op.f("fk_call_record_hotline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_record")),
        sa.UniqueConstraint("key", name=op.f("uq_call_record_key")),
    )
    op.create_index(op.f("ix_call_record_offered_at"), "call_record", ["offered_at"])


def downgrade() -> None:
    """Takes it away."""
    op.drop_index(op.f("ix_call_record_offered_at"), table_name="call_record")
    op.drop_table("call_record")
