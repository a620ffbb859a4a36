"""An attempt that reached nobody says when it is tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the instant to cases, with a small index of those that have one."""
    op.add_column("cases", sa.Column("call_again_at", sa.BigInteger(), nullable=True))
    there = sa.text("call_again_at IS NOT NULL")
    op.create_index("ix_cases_call_again", "cases", ["call_again_at"], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    """Removes both."""
    op.drop_index("ix_cases_call_again", table_name="cases")
    op.drop_column("cases", "call_again_at")
