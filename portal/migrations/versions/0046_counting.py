"""Ways by which figures find confirmed and reopened cases; kept counts are made anew in their new form."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the indexes, and lets go of what was counted: the worker counts it again."""
    confirmed, again = sa.text("confirmed_at IS NOT NULL"), sa.text("reopened > 0")
    op.create_index("ix_cases_confirmed", "cases", ["confirmed_at"], sqlite_where=confirmed, postgresql_where=confirmed)
    op.create_index("ix_cases_reopened", "cases", ["id"], sqlite_where=again, postgresql_where=again)
    op.execute("DELETE FROM metric_rollup")


def downgrade() -> None:
    """Removes them."""
    op.drop_index("ix_cases_reopened", "cases")
    op.drop_index("ix_cases_confirmed", "cases")
    op.execute("DELETE FROM metric_rollup")
