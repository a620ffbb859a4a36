"""Followed cases, saved filters, how a person likes the queues to look, who is at a case."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables and the person's choice; everybody begins without any."""
    op.add_column("person", sa.Column("queue_look", sa.String(160), nullable=False, server_default=""))
    op.create_table(
        "follower",
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id"),
    )
    op.create_index("ix_follower_person_id", "follower", ["person_id"])
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(24), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("queue", sa.String(40), nullable=False),
        sa.Column("query", sa.String(300), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("owner", "name"),
    )
    op.create_table(
        "presence",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("doing", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id"),
    )
    op.create_index("ix_presence_at", "presence", ["at"])


def downgrade() -> None:
    """Removes them."""
    for table in ("presence", "saved_filter", "follower"):
        op.drop_table(table)
    op.drop_column("person", "queue_look")
