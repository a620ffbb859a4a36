"""Seals over the journal, and the runs of its verification; seals and the access log are append-only like the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GUARDED = ("journal_seal", "archive_access")


def upgrade() -> None:
    """Adds the tables, empty: the worker seals what there is, oldest first."""
    op.create_table(
        "journal_seal",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("first_id", "last_id", "count")),
        *(sa.Column(name, sa.LargeBinary(32), nullable=False) for name in ("tree", "root", "prev_root")),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "journal_check",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("night", sa.String(10), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(8), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.UniqueConstraint("night", name="uq_journal_check_night"),
    )
    op.create_index("ix_journal_check_ended_at", "journal_check", ["ended_at"])
    for table in GUARDED:
        guard(table)


def guard(table: str) -> None:
    """Refuses UPDATE, DELETE, REPLACE and TRUNCATE on a table that is only ever added to."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")


def downgrade() -> None:
    """Removes them."""
    for name in ("no_update", "no_delete", "no_replace"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER archive_access_{name}")
    if op.get_bind().dialect.name != "sqlite":
        for name in ("no_change", "no_truncate"):
            op.execute(f"DROP TRIGGER archive_access_{name} ON archive_access")
    op.drop_table("journal_check")
    op.drop_table("journal_seal")
