"""Records of the archive get a place in the order of their quarter and their category; quarters the version of tokens."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
ZONE, A_SECOND, CHUNK = ZoneInfo("Asia/Shanghai"), 16, 1_000


def upgrade() -> None:
    """Places are given by the instant of archiving; making the store ready then fills the index anew."""
    op.add_column("archived", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("archived", sa.Column("category", sa.String(20), nullable=False, server_default=""))
    op.add_column("archive_quarter", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    connection = op.get_bind()
    connection.execute(
        sa.text("UPDATE archived SET category = (SELECT category FROM cases WHERE cases.id = archived.case_id)")
    )
    rows = connection.execute(
        sa.text("SELECT id, quarter, archived_at FROM archived ORDER BY quarter, archived_at, id")
    )
    last_quarter, last, places = "", -1, []
    for number, quarter, at in rows.all():
        last = -1 if quarter != last_quarter else last
        moment = datetime.fromtimestamp(at, UTC).astimezone(ZONE)
        start = datetime(int(quarter[:4]), int(quarter[5]) * 3 - 2, 1, tzinfo=ZONE)
        last_quarter, last = quarter, max(last + 1, int((moment - start).total_seconds()) * A_SECOND)
        places.append({"id": number, "place": last})
    for begin in range(0, len(places), CHUNK):
        connection.execute(sa.text("UPDATE archived SET place = :place WHERE id = :id"), places[begin : begin + CHUNK])
    op.create_index("ix_archived_place", "archived", ["quarter", "place"], unique=True)


def downgrade() -> None:
    """Takes the columns away; the index of a quarter knows its records by places and has to be made anew."""
    op.drop_index("ix_archived_place", "archived")
    op.drop_column("archive_quarter", "version")
    op.drop_column("archived", "category")
    op.drop_column("archived", "place")
