"""Who was told of which step of the ladder, one row for each person, also where a digest said it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
KINDS = ("warn", "due", "escalated", "unanswered")


def upgrade() -> None:
    """Makes the table and fills it with what stands in the outbox as a notice of its own."""
    op.create_table(
        "told",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("late_seconds", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(160), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("clock_id", "step", "person_id"),
    )
    op.create_index("ix_told_case", "told", ["case_id", "id"], unique=False)
    op.create_index("ix_told_person", "told", ["person_id", "at"], unique=False)
    _from_outbox()


def _from_outbox() -> None:
    store = op.get_bind()
    query = sa.text(
        "SELECT key, person_id, kind, subject, at, late_seconds, acknowledged_at FROM outbox WHERE kind IN :kinds"
    ).bindparams(sa.bindparam("kinds", KINDS, expanding=True))
    rows = []
    for key, person, kind, subject, at, late, acknowledged in store.execute(query):
        parts = key.split(":")
        if parts[0] == "clock" and len(parts) == 4 and subject.startswith("case:"):
            rows.append(
                {
                    "clock_id": int(parts[1]), "step": int(parts[2]), "person_id": person, "case_id": int(subject[5:]),
                    "kind": kind, "role": "", "at": at, "late_seconds": late, "notice": key,
                    "acknowledged_at": acknowledged,
                }
            )  # fmt: skip
    if rows:
        store.execute(sa.table("told", *(sa.column(name) for name in rows[0])).insert(), rows)


def downgrade() -> None:
    """Removes the table."""
    op.drop_table("told")
