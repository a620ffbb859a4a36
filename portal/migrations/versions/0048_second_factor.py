"""The second factor: whose app is known, which code was used last, which sessions were confirmed by it."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; nobody has an app yet."""
    op.add_column("person", sa.Column("second_nonce", sa.String(16), nullable=False, server_default=""))
    op.add_column("person", sa.Column("second_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("second", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Removes them."""
    for table, column in (("session", "second"), ("person", "second_step"), ("person", "second_nonce")):
        op.drop_column(table, column)
