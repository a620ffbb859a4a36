"""Duties and tasks of departments, owed answers, links, corrections, agreed endings, late messages; daily summaries."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
JSONS = ("duties", "owed", "links", "correction", "ending", "messages")


def upgrade() -> None:
    """Adds the columns and tables; cases of before have none of it."""
    op.add_column("cases", sa.Column("partners", sa.String(60), nullable=False, server_default=""))
    for name in ("tasks_given", "tasks_open"):
        op.add_column("cases", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in JSONS:
        op.add_column("cases", sa.Column(name, sa.JSON(), nullable=True))
    _tasks()
    op.create_table(
        "daily_summary",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
    )


def _tasks() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "task",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("chases", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("case_id", "n"),
    )
    op.create_index("ix_task_unit", "task", ["unit_id", "state", "due_at"])
    op.create_index("ix_task_person", "task", ["person_id", "state", "due_at"])
    op.create_index("ix_task_due", "task", ["state", "due_at"])


def downgrade() -> None:
    """Removes them."""
    op.drop_table("daily_summary")
    op.drop_table("task")
    for name in (*reversed(JSONS), "tasks_open", "tasks_given", "partners"):
        op.drop_column("cases", name)
