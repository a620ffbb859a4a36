"""How many of a day's checked records are those of orders."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; the checks of before looked at records of cases alone."""
    op.add_column("archive_soundness", sa.Column("orders", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Removes it."""
    op.drop_column("archive_soundness", "orders")
