"""The working day: the duty roster, absences."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0009"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the tables, all empty."""
    op.create_table(
        "shift",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("unit_id", BIG_ID, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("person_id", BIG_ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(600), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_shift"),
        sa.UniqueConstraint("key", name="uq_shift_key"),
    )
    op.create_index("ix_shift_unit_from", "shift", ["unit_id", "from_at"])
    op.create_index("ix_shift_person_from", "shift", ["person_id", "from_at"])
    op.create_table(
        "absence",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG_ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("deputy_id", BIG_ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
        sa.UniqueConstraint("key", name="uq_absence_key"),
    )
    op.create_index("ix_absence_to", "absence", ["to_at"])
    op.create_index("ix_absence_person", "absence", ["person_id", "to_at"])


def downgrade() -> None:
    """Removes them."""
    op.drop_table("absence")
    op.drop_table("shift")
