"""The records of orders that have ended, which nobody changes."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVENTS = {"no_update": "UPDATE", "no_delete": "DELETE"}


def upgrade() -> None:
    """Adds the table; `portal init` and `portal up` file the orders that ended before."""
    op.create_table(
        "order_record",
        sa.Column("order_id", BIG_ID, sa.ForeignKey("work_order.id"), primary_key=True, autoincrement=False),
        sa.Column("no", sa.String(20), nullable=False, unique=True),
        sa.Column("archived_at", sa.BigInteger(), nullable=False),
        sa.Column("retain_until", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("ix_order_record_at", "order_record", ["archived_at", "order_id"])
    for name, event in EVENTS.items():
        made = f"CREATE TRIGGER order_record_{name} BEFORE {event} ON order_record"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"{made} BEGIN SELECT RAISE(ABORT, 'append only'); END")
        else:
            op.execute(f"{made} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
            op.execute(f"ALTER TABLE order_record ENABLE ALWAYS TRIGGER order_record_{name}")


def downgrade() -> None:
    """Removes it."""
    op.drop_table("order_record")
