"""The documents of closings, which nobody changes, and the daily checks of the four properties."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the tables; records of before have no document."""
    op.create_table(
        "archived_snapshot",
        sa.Column("id", BIG_ID, sa.ForeignKey("archived.id"), primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "archive_soundness",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("waiting", "failed", "faults")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER archived_snapshot_no_update BEFORE UPDATE ON archived_snapshot"
            " BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER archived_snapshot_no_update BEFORE UPDATE ON archived_snapshot"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("ALTER TABLE archived_snapshot ENABLE ALWAYS TRIGGER archived_snapshot_no_update")


def downgrade() -> None:
    """Removes them."""
    op.drop_table("archive_soundness")
    op.drop_table("archived_snapshot")
