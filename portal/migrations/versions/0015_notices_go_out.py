"""Notices by mail and chat robot: the state of a row on its way, what a person has chosen, the robots."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
WAITING, PARKED = sa.text("state = 'waiting'"), sa.text("state = 'parked'")


def upgrade() -> None:
    """Adds the columns and tables; every notice of before has been delivered by standing in the portal."""
    op.add_column("outbox", sa.Column("state", sa.String(8), nullable=False, server_default="sent"))
    op.add_column("outbox", sa.Column("again_at", sa.BigInteger()))
    op.add_column("outbox", sa.Column("leased_until", sa.BigInteger()))
    op.add_column("outbox", sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("said", sa.String(200), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("robot_id", sa.BigInteger()))
    op.create_index("ix_outbox_waiting", "outbox", ["again_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_outbox_parked", "outbox", ["id"], sqlite_where=PARKED, postgresql_where=PARKED)
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), primary_key=True, autoincrement=False),
        sa.Column("mail", sa.String(200), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("daily_at", sa.Integer(), nullable=False),
    )
    op.create_table(
        "robot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("unit_id", sa.BigInteger(), sa.ForeignKey("unit.id"), unique=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("locale", sa.String(12), nullable=False),
    )


def downgrade() -> None:
    """Removes them; what still waited is lost."""
    op.execute("DELETE FROM outbox WHERE channel <> 'app'")
    op.drop_table("robot")
    op.drop_table("notice_choice")
    for index in ("ix_outbox_parked", "ix_outbox_waiting"):
        op.drop_index(index, table_name="outbox")
    for column in ("robot_id", "said", "waits", "leased_until", "again_at", "state"):
        op.drop_column("outbox", column)
