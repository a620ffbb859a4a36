"""Ended orders under holds and disposals; the store lets go of their words and records by that way alone."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
HELD = """
CREATE VIEW held_order AS
SELECT o.id AS order_id, h.id AS hold_id FROM legal_hold h JOIN work_order o ON o.id = h.ref
 WHERE h.scope = 'order' AND h.released_at IS NULL
UNION ALL SELECT o.id, h.id FROM legal_hold h JOIN customer k ON k.id = h.ref OR k.merged_into = h.ref
 JOIN work_order o ON o.customer_id = k.id WHERE h.scope = 'customer' AND h.released_at IS NULL
UNION ALL SELECT r.order_id, h.id FROM legal_hold h JOIN order_record r
 ON r.archived_at >= h.from_at AND r.archived_at < h.to_at WHERE h.scope = 'range' AND h.released_at IS NULL
UNION ALL SELECT i.order_id, h.id FROM legal_hold h JOIN hold_order i ON i.hold_id = h.id
 WHERE h.scope = 'search' AND h.released_at IS NULL
"""
# whether the words of case `c` or order `o` have to stay: it is held, or no record of a batch that two people decided
STAYS = (
    "EXISTS (SELECT 1 FROM held_case x WHERE x.case_id = c.id) OR NOT EXISTS (SELECT 1 FROM disposal_item i"
    " JOIN disposal d ON d.id = i.disposal_id WHERE i.case_id = c.id AND i.state = 'disposing' AND d.state = 'approved'"
    " AND d.decided_by <> d.proposed_by)"
)
ORDER_STAYS = (
    "EXISTS (SELECT 1 FROM held_order x WHERE x.order_id = {0}) OR NOT EXISTS (SELECT 1 FROM disposal_order i"
    " JOIN disposal d ON d.id = i.disposal_id WHERE i.order_id = {0} AND i.state = 'disposing' AND d.state = 'approved'"
    " AND d.decided_by <> d.proposed_by)"
)


def upgrade() -> None:
    """Adds the tables with the class of orders, the view of held orders, and the guards."""
    op.add_column("work_order", sa.Column("disposed", sa.String(10), nullable=False, server_default=""))
    op.create_table(
        "hold_order",
        sa.Column("hold_id", BIG_ID, sa.ForeignKey("legal_hold.id"), primary_key=True, autoincrement=False),
        sa.Column("order_id", BIG_ID, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "disposal_order",
        sa.Column("disposal_id", BIG_ID, sa.ForeignKey("disposal.id"), primary_key=True, autoincrement=False),
        sa.Column("order_id", BIG_ID, primary_key=True, autoincrement=False),
        sa.Column("no", sa.String(20), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("archived_at", "due_at")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("ix_disposal_order_order", "disposal_order", ["order_id", "state"])
    op.execute(
        "INSERT INTO retention_class(code, months, types, basis) VALUES('orders', 24, '[\"work_order\"]', '客户响应中心：不少于2年')"
    )
    op.execute(HELD)
    if op.get_bind().dialect.name == "sqlite":
        _sqlite(with_orders=True)
    else:
        _postgresql()


def _sqlite(*, with_orders: bool) -> None:
    op.execute("DROP TRIGGER journal_body_kept")
    op.execute("DROP TRIGGER order_record_no_delete")
    case = (
        "EXISTS (SELECT 1 FROM journal j JOIN cases c ON c.id = CAST(substr(j.stream, 6) AS INTEGER)"
        f" WHERE j.id = OLD.journal_id AND j.stream LIKE 'case:%' AND ({STAYS}))"
    )
    order = (
        " OR EXISTS (SELECT 1 FROM journal j JOIN work_order o ON o.no = substr(j.stream, 7)"
        f" WHERE j.id = OLD.journal_id AND j.stream LIKE 'order:%' AND ({ORDER_STAYS.format('o.id')}))"
    )
    kept = case + order * with_orders
    op.execute(
        f"CREATE TRIGGER journal_body_kept BEFORE DELETE ON journal_body WHEN {kept} BEGIN SELECT RAISE(ABORT, 'kept'); END"
    )
    when = f" WHEN {ORDER_STAYS.format('OLD.order_id')}" if with_orders else ""
    op.execute(
        f"CREATE TRIGGER order_record_no_delete BEFORE DELETE ON order_record{when}"
        " BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )


def _postgresql() -> None:
    op.execute(_function(with_orders=True))
    op.execute(
        "CREATE FUNCTION refuse_unless_order_disposed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {ORDER_STAYS.format('OLD.order_id')} THEN RAISE EXCEPTION 'append only'; END IF; RETURN OLD; END $$"
    )
    op.execute("DROP TRIGGER order_record_no_delete ON order_record")
    _guard_record("refuse_unless_order_disposed")


def _guard_record(function: str) -> None:
    op.execute(
        "CREATE TRIGGER order_record_no_delete BEFORE DELETE ON order_record"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    op.execute("ALTER TABLE order_record ENABLE ALWAYS TRIGGER order_record_no_delete")


def _function(*, with_orders: bool) -> str:
    """The guard of what entries say, on PostgreSQL."""
    order = (
        " IF said LIKE 'order:%' AND EXISTS (SELECT 1 FROM work_order o WHERE o.no = substr(said, 7)"
        f" AND ({ORDER_STAYS.format('o.id')})) THEN RAISE EXCEPTION 'kept'; END IF;"
    )
    return (
        "CREATE OR REPLACE FUNCTION refuse_unless_disposed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " DECLARE said text; of_case bigint; BEGIN"
        " SELECT stream INTO said FROM journal WHERE id = OLD.journal_id;"
        " IF said ~ '^case:[0-9]+$' THEN of_case := CAST(substr(said, 6) AS bigint); END IF;"
        f" IF of_case IS NOT NULL AND EXISTS (SELECT 1 FROM cases c WHERE c.id = of_case AND ({STAYS}))"
        f" THEN RAISE EXCEPTION 'kept'; END IF;{order * with_orders} RETURN OLD; END $$"
    )


def downgrade() -> None:
    """Removes them; the guards know cases alone again."""
    if op.get_bind().dialect.name == "sqlite":
        _sqlite(with_orders=False)
    else:
        op.execute(_function(with_orders=False))
        op.execute("DROP TRIGGER order_record_no_delete ON order_record")
        op.execute("DROP FUNCTION refuse_unless_order_disposed()")
        _guard_record("refuse_change")
    op.execute("DROP VIEW held_order")
    op.execute("DELETE FROM retention_class WHERE code = 'orders'")
    for table in ("disposal_order", "hold_order"):
        op.drop_table(table)
    op.drop_column("work_order", "disposed")
