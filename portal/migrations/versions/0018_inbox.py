"""Dispatch rules may name whoever is on shift; tokens of other systems."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No rule asks for it yet; no system has a token."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("dispatch_rule", sa.Column("on_shift", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "api_token",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("name", name="uq_api_token_name"),
        sa.UniqueConstraint("sha256", name="uq_api_token_sha256"),
    )


def downgrade() -> None:
    """Rules of that kind become rules of the queue; the tokens are gone."""
    op.drop_table("api_token")
    with op.batch_alter_table("dispatch_rule") as table:
        table.drop_column("on_shift")
