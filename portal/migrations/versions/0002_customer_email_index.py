"""A customer is found by e-mail address through an index, as by telephone and number."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index."""
    op.create_index("ix_customer_email", "customer", ["email"], unique=False)


def downgrade() -> None:
    """Removes it."""
    op.drop_index("ix_customer_email", table_name="customer")
