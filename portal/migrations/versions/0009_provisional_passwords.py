"""Passwords that were chosen by somebody else and have to be replaced at the next sign-in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the mark; accounts of before keep their passwords."""
    op.add_column("person", sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Removes it."""
    op.drop_column("person", "provisional")
