"""The index of ended orders; making the store ready fills it."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds its table, of the kind that quarters of cases have."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE archive_orders USING fts5(t, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
    else:
        op.execute("CREATE TABLE archive_orders (place integer PRIMARY KEY, t integer[] NOT NULL)")
        op.execute("CREATE INDEX archive_orders_t ON archive_orders USING gin (t) WITH (gin_pending_list_limit = 256)")


def downgrade() -> None:
    """Removes it; it is filled anew when it comes again."""
    op.execute("DROP TABLE archive_orders")
    op.execute("DELETE FROM installation WHERE name = 'order_index'")
