"""A clock waits for somebody to acknowledge its last step; open cases are found by their last entry."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the instant and the index."""
    op.add_column("clock", sa.Column("answer_by", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_cases_stale",
        "cases",
        ["entry_at"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    # clocks told of their due instant have further steps now: the watch looks at their cases again
    op.execute(
        "UPDATE cases SET notice_at = 0 WHERE open AND notice_at IS NULL"
        " AND EXISTS (SELECT 1 FROM clock WHERE clock.case_id = cases.id AND clock.outcome = 'running')"
    )


def downgrade() -> None:
    """Removes both."""
    op.drop_index("ix_cases_stale", table_name="cases")
    op.drop_column("clock", "answer_by")
