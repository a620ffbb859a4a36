"""A disposal says how many finished export packages went with its records."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; disposals of before deleted none."""
    op.add_column("disposal", sa.Column("packages", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Removes it."""
    op.drop_column("disposal", "packages")
