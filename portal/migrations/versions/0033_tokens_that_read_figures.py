"""Tokens of other systems either hand requests in or read figures."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what a token is for; those there are hand in."""
    op.add_column("api_token", sa.Column("figures", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Takes it away again."""
    op.drop_column("api_token", "figures")
