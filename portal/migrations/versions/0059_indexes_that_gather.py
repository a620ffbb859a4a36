"""How much an index of the archive gathers: PostgreSQL's by what the portal's connections say, FTS5's segments."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def _tables() -> list[str]:
    quarters = op.get_bind().execute(sa.text("SELECT code FROM archive_quarter ORDER BY code"))
    return [f"archive_{name}" for name in ("orders", *(row[0] for row in quarters))]


def _set(postgresql: str, automerge: int) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _tables():
        if sqlite:
            op.execute(f"INSERT INTO {table}({table}, rank) VALUES('automerge', {automerge})")
        else:
            op.execute(f"ALTER INDEX IF EXISTS {table}_t {postgresql}")


def upgrade() -> None:
    """No limit of the index's own; eight segments of one size become a larger one."""
    _set("RESET (gin_pending_list_limit)", 8)


def downgrade() -> None:
    """A limit of its own again; four segments."""
    _set("SET (gin_pending_list_limit = 256)", 4)
