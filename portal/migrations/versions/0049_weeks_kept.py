"""Kept counts are made anew: those of a quarter have its days and weeks beside them."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lets go of what was counted: the worker counts it again."""
    op.execute("DELETE FROM metric_rollup")


def downgrade() -> None:
    """The same: a document of weeks is no department's."""
    op.execute("DELETE FROM metric_rollup")
