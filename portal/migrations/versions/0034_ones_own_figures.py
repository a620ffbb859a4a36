"""What people say about their own figures: objections to missed limits, and that they have read a month."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes both tables."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "figure_objection",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("person_id", big, nullable=False),
        sa.Column("clock_id", big, nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_figure_objection_person_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_figure_objection_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_objection")),
        sa.UniqueConstraint("person_id", "clock_id", name=op.f("uq_figure_objection_person_id_clock_id")),
    )
    op.create_table(
        "figures_read",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("person_id", big, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_figures_read_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_read")),
        sa.UniqueConstraint("person_id", "period", name=op.f("uq_figures_read_person_id_period")),
    )


def downgrade() -> None:
    """Takes both away."""
    op.drop_table("figures_read")
    op.drop_table("figure_objection")
