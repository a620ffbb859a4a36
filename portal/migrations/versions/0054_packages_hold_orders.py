"""Packages with proofs hold closed cases, ended orders or both."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what a package holds; those there are hold cases."""
    op.add_column("export_package", sa.Column("holds", sa.String(6), nullable=False, server_default="cases"))


def downgrade() -> None:
    """Removes it."""
    op.drop_column("export_package", "holds")
