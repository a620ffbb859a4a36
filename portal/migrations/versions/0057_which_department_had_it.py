"""Which department had a case first and when it last passed to another: figures follow the department as it was.

Counts that were kept followed the department of today; the worker counts them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

FIRST = (
    "UPDATE cases SET first_unit_id = COALESCE((SELECT s.department_id FROM clock_segment s WHERE s.case_id = cases.id"
    " ORDER BY s.id LIMIT 1), unit_id)"
)
HANDED = (
    "UPDATE cases SET handed_at = (SELECT max(p.from_at) FROM (SELECT s.from_at, s.department_id AS now,"
    " lag(s.department_id) OVER (ORDER BY s.id) AS was FROM clock_segment s WHERE s.case_id = cases.id) p"
    " WHERE p.was <> p.now)"
)


def upgrade() -> None:
    """Adds the columns and fills them from the stretches of each case."""
    op.add_column("cases", sa.Column("first_unit_id", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("handed_at", sa.BigInteger(), nullable=True))
    op.execute(FIRST)
    op.execute(HANDED)
    op.execute("DELETE FROM metric_rollup")


def downgrade() -> None:
    """Removes them."""
    for column in ("handed_at", "first_unit_id"):
        op.drop_column("cases", column)
