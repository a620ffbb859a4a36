"""The backup channel: numbered sheets, what was entered afterwards, emergency telephones, runs of the kit."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True, autoincrement=True)


def upgrade() -> None:
    """Adds them."""
    op.create_table(
        "paper_block",
        _id(),
        sa.Column("unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("first", sa.String(20), nullable=False),
        sa.Column("last", sa.String(20), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_paper_block_unit", "paper_block", ["unit_id", "id"])
    _sheets()
    op.create_table(
        "back_entry",
        _id(),
        sa.Column("case_id", BIG, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("case_no", sa.String(20), nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("means", sa.String(8), nullable=False),
        sa.Column("occurred", sa.String(120), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("heard_by", sa.String(80), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_by", sa.BigInteger(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index("ix_back_entry_checked", "back_entry", ["checked_at", "id"])
    op.create_index("ix_back_entry_entered", "back_entry", ["entered_at"])
    op.create_table(
        "duty_phone",
        _id(),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("person_id"),
    )
    op.create_table(
        "kit_run",
        _id(),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.String(200), nullable=False),
        sa.UniqueConstraint("day"),
    )


def _sheets() -> None:
    op.create_table(
        "paper_sheet",
        _id(),
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("block_id", BIG, sa.ForeignKey("paper_block.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("case_no", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("told_next", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("serial"),
    )
    op.create_index("ix_paper_sheet_block", "paper_sheet", ["block_id", "n"])
    op.create_index("ix_paper_sheet_incident", "paper_sheet", ["incident_id", "state"])
    told = sa.text("told_next IS NOT NULL")
    op.create_index("ix_paper_sheet_told_next", "paper_sheet", ["told_next"], sqlite_where=told, postgresql_where=told)


def downgrade() -> None:
    """Takes them out."""
    for table in ("kit_run", "duty_phone", "back_entry", "paper_sheet", "paper_block"):
        op.drop_table(table)
