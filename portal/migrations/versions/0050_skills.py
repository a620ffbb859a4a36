"""Skills: what people can do beyond their roles, and dispatch rules that ask for one."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; nobody has a skill yet and no rule asks for one."""
    op.add_column("person", sa.Column("skills", sa.String(200), nullable=False, server_default=""))
    op.add_column("dispatch_rule", sa.Column("skill", sa.String(20), nullable=False, server_default=""))


def downgrade() -> None:
    """Removes them."""
    for table, column in (("dispatch_rule", "skill"), ("person", "skills")):
        op.drop_column(table, column)
