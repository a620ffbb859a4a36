"""Restricted cases, and records found by a keyed digest of a whole number."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds two columns, and the digests; those of records filed before are made by the worker."""
    op.add_column("cases", sa.Column("restricted", sa.JSON(), nullable=True))
    op.add_column("archived", sa.Column("readers", sa.JSON(), nullable=True))
    op.create_table(
        "archived_number",
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("archived_id", BIG_ID, sa.ForeignKey("archived.id"), primary_key=True, autoincrement=False),
    )
    op.create_index("ix_archived_number_row", "archived_number", ["archived_id"])


def downgrade() -> None:
    """Removes them."""
    op.drop_table("archived_number")
    op.drop_column("archived", "readers")
    op.drop_column("cases", "restricted")
