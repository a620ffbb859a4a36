"""Returns, lines of escalation, extensions waiting for approval, consultations on a level."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
COLUMNS = ("returns", "handed_by", "tier", "extension", "dispute", "dispute_until")


def upgrade() -> None:
    """Adds the columns; cases of before have none of it."""
    op.add_column("cases", sa.Column("returns", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("handed_by", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("tier", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("cases", sa.Column("extension", sa.JSON(), nullable=True))
    op.add_column("cases", sa.Column("dispute", sa.JSON(), nullable=True))
    op.add_column("cases", sa.Column("dispute_until", sa.BigInteger(), nullable=True))
    op.create_index("ix_cases_dispute_until", "cases", ["dispute_until"], unique=False)


def downgrade() -> None:
    """Removes them."""
    op.drop_index("ix_cases_dispute_until", table_name="cases")
    for column in reversed(COLUMNS):
        op.drop_column("cases", column)
