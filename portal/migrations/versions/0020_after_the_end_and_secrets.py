"""Cases whose customer wrote after the end are found at once; robots sign what they say."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a small index of such cases alone, and the robots' secrets; those there are have none."""
    there = sa.text("messages IS NOT NULL")
    op.create_index("ix_cases_messages", "cases", ["id"], sqlite_where=there, postgresql_where=there)
    op.add_column("robot", sa.Column("secret", sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    """Removes them."""
    op.drop_column("robot", "secret")
    op.drop_index("ix_cases_messages", table_name="cases")
