"""The working day: the duty roster, absences, internal announcements, hand-over sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
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
    op.create_table(
        "announcement",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("wording", sa.String(1000), nullable=False),
        sa.Column("unit_id", BIG_ID, sa.ForeignKey("unit.id"), nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.Column("incident_no", sa.String(20), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
        sa.UniqueConstraint("key", name="uq_announcement_key"),
    )
    op.create_index("ix_announcement_to", "announcement", ["to_at"])
    op.create_table(
        "announcement_read",
        sa.Column("announcement_id", BIG_ID, sa.ForeignKey("announcement.id"), nullable=False),
        sa.Column("person_id", BIG_ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("announcement_id", "person_id"),
    )
    op.create_table(
        "hand_over",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("unit_id", BIG_ID, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("by_id", BIG_ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(600), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("accepted_by", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hand_over"),
        sa.UniqueConstraint("key", name="uq_hand_over_key"),
    )
    op.create_index("ix_hand_over_unit_at", "hand_over", ["unit_id", "at"])


def downgrade() -> None:
    """Removes them."""
    op.drop_table("hand_over")
    op.drop_table("announcement_read")
    op.drop_table("announcement")
    op.drop_table("absence")
    op.drop_table("shift")
