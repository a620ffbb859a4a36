"""Until when a pause may last stands on the case, so that an empty look for ended pauses is one indexed question; promises have an index."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
NO_CAP = 9_900_000_000
CAPPED = sa.text("pause_until IS NOT NULL")
PROMISED = sa.text("kind = 'promise' OR agreed_at IS NOT NULL")


def upgrade() -> None:
    """Adds the column; of pauses that run, the worker counts the cap (0), force majeure has none."""
    op.add_column("cases", sa.Column("pause_until", sa.BigInteger(), nullable=True))
    op.execute("UPDATE cases SET pause_until = 0 WHERE paused IN ('customer', 'customer_later')")
    op.execute(f"UPDATE cases SET pause_until = {NO_CAP} WHERE paused = 'force_majeure'")
    op.create_index(
        "ix_cases_pause", "cases", ["pause_until"], unique=False, sqlite_where=CAPPED, postgresql_where=CAPPED
    )
    op.create_index(
        "ix_clock_promised", "clock", ["outcome", "due_at"], unique=False, sqlite_where=PROMISED,
        postgresql_where=PROMISED,
    )  # fmt: skip


def downgrade() -> None:
    """Removes both."""
    op.drop_index("ix_clock_promised", table_name="clock")
    op.drop_index("ix_cases_pause", table_name="cases")
    op.drop_column("cases", "pause_until")
