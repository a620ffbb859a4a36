"""Standard wording and knowledge articles with their versions, and what they were used for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds both tables; the shipped texts are put in when the store is made ready."""
    op.create_table(
        "knowledge_version",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_version"),
        sa.UniqueConstraint("kind", "code", "version", name="uq_knowledge_version_kind_code_version"),
        sa.UniqueConstraint("key", name="uq_knowledge_version_key"),
    )
    op.create_table(
        "knowledge_use",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(20), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_use"),
    )
    op.create_index("ix_knowledge_use_what", "knowledge_use", ["kind", "code"])
    op.create_index("ix_knowledge_use_case_id", "knowledge_use", ["case_id"])


def downgrade() -> None:
    """Removes them."""
    op.drop_table("knowledge_use")
    op.drop_table("knowledge_version")
