"""Orders that run on flows: the order, its steps and sheets, reservations, documents."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the tables, all empty."""
    _orders()
    _steps()
    _reservations()
    _files()


def downgrade() -> None:
    """Takes them away again."""
    for name in ("order_file", "reservation", "order_step", "work_order"):
        op.drop_table(name)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _orders() -> None:
    op.create_table(
        "work_order",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("no", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(40), nullable=False),
        sa.Column("flow_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_name", sa.String(120), nullable=False),
        sa.Column("customer_class", sa.String(20), nullable=False),
        sa.Column("customer_unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("raising_unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("raised_by", sa.BigInteger(), nullable=False),
        sa.Column("raised_by_name", sa.String(80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(4), nullable=False),
        sa.Column("calendar", sa.String(40), nullable=False),
        sa.Column("calendars", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("first_due_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("warn_at", sa.BigInteger(), nullable=True),
        sa.Column("head_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("told_step", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("pause_until", sa.BigInteger(), nullable=True),
        sa.Column("pause_words", sa.Text(), nullable=False),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("no", name="uq_work_order_no"),
    )
    op.create_index("ix_work_order_customer", "work_order", ["customer_id"])
    op.create_index("ix_work_order_ended", "work_order", ["ended_at"])
    _partial("ix_work_order_next", "work_order", ["next_at"], "next_at IS NOT NULL")
    _partial("ix_work_order_paused", "work_order", ["pause_until"], "pause_until IS NOT NULL")
    op.create_index("ix_work_order_raising", "work_order", ["raising_unit_id", "id"])
    _partial("ix_work_order_running", "work_order", ["flow", "due_at"], "state <> 'ended'")


def _steps() -> None:
    op.create_table(
        "order_step",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("order_id", BIG, sa.ForeignKey("work_order.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("party", sa.String(120), nullable=False),
        sa.Column("contact", sa.String(120), nullable=False),
        sa.Column("outside_no", sa.String(60), nullable=False),
        sa.Column("sheet", sa.String(24), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(4), nullable=False),
        sa.Column("calendar", sa.String(40), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("warn_at", sa.BigInteger(), nullable=True),
        sa.Column("head_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("told_step", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("received_late", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.BigInteger(), nullable=False),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.UniqueConstraint("order_id", "n", name="uq_order_step_order_id_n"),
    )
    _partial("ix_order_step_next", "order_step", ["next_at"], "next_at IS NOT NULL")
    _partial("ix_order_step_open", "order_step", ["unit_id", "due_at"], "state = 'open'")
    op.create_index("ix_order_step_unit", "order_step", ["unit_id", "order_id"])


def _reservations() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("order_id", BIG, sa.ForeignKey("work_order.id"), nullable=False),
        sa.Column("r", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("what", sa.String(300), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("prolonged", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("order_id", "r", name="uq_reservation_order_id_r"),
    )
    _partial("ix_reservation_next", "reservation", ["next_at"], "next_at IS NOT NULL")
    _partial("ix_reservation_until", "reservation", ["until_at"], "state = 'held'")


def _files() -> None:
    op.create_table(
        "order_file",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("order_id", BIG, sa.ForeignKey("work_order.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_order_file_order_id", "order_file", ["order_id"])
    op.create_index("ix_order_file_sha256", "order_file", ["sha256"])
