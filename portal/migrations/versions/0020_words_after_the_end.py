"""Cases whose customer wrote after the end are found without looking through all closed ones."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a small index of such cases alone."""
    there = sa.text("messages IS NOT NULL")
    op.create_index("ix_cases_messages", "cases", ["id"], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    """Removes it."""
    op.drop_index("ix_cases_messages", table_name="cases")
