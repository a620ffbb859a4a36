"""The work list of announcements: each linked case hears once; answers that propose grades; plans of the house."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds it; announcements published before are not passed on afterwards."""
    op.create_table(
        "incident_reach",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("incident_id", BIG, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("incident_id", "n", "what", "case_id"),
    )
    op.add_column("incident", sa.Column("grading", sa.JSON(), nullable=True))
    waits = sa.text("state = 'waiting'")
    op.create_index("ix_incident_reach_waiting", "incident_reach", ["id"], sqlite_where=waits, postgresql_where=waits)
    _plans()


def _plans() -> None:
    op.create_table(
        "incident_plan",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("hands", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_table(
        "incident_plan_evaluation",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index("ix_incident_plan_evaluation_kind", "incident_plan_evaluation", ["kind"])


def downgrade() -> None:
    """Removes it."""
    op.drop_table("incident_plan_evaluation")
    op.drop_table("incident_plan")
    op.drop_column("incident", "grading")
    op.drop_table("incident_reach")
