"""Classes of retention, legal holds and disposals; the store itself lets go of a case's words by that way alone."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
HELD = """
CREATE VIEW held_case AS
SELECT c.id AS case_id, h.id AS hold_id FROM legal_hold h JOIN cases c ON c.id = h.ref
 WHERE h.scope = 'case' AND h.released_at IS NULL
UNION ALL SELECT c.id, h.id FROM legal_hold h JOIN customer k ON k.id = h.ref OR k.merged_into = h.ref
 JOIN cases c ON c.customer_id = k.id WHERE h.scope = 'customer' AND h.released_at IS NULL
UNION ALL SELECT c.id, h.id FROM legal_hold h JOIN cases c ON c.incident_id = h.ref
 WHERE h.scope = 'incident' AND h.released_at IS NULL
UNION ALL SELECT a.case_id, h.id FROM legal_hold h JOIN archived a
 ON a.archived_at >= h.from_at AND a.archived_at < h.to_at AND a.current
 WHERE h.scope = 'range' AND h.released_at IS NULL
UNION ALL SELECT i.case_id, h.id FROM legal_hold h JOIN hold_item i ON i.hold_id = h.id
 WHERE h.scope = 'search' AND h.released_at IS NULL
"""
# whether the words of case `c` have to stay: it is held, or no record of a batch that two people decided
STAYS = (
    "EXISTS (SELECT 1 FROM held_case x WHERE x.case_id = c.id) OR NOT EXISTS (SELECT 1 FROM disposal_item i"
    " JOIN disposal d ON d.id = i.disposal_id WHERE i.case_id = c.id AND i.state = 'disposing' AND d.state = 'approved'"
    " AND d.decided_by <> d.proposed_by)"
)


def upgrade() -> None:
    """Adds the tables with the class that holds for everything, the view of held cases, and the guard."""
    op.add_column("cases", sa.Column("disposed", sa.String(10), nullable=False, server_default=""))
    op.create_table(
        "retention_class",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("scope", sa.String(10), nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name in ("ref", "from_at", "to_at")),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("placed_by", "placed_at")),
        *(sa.Column(name, BIG, nullable=True) for name in ("released_by", "released_at")),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index("ix_legal_hold_open", "legal_hold", ["released_at", "scope"])
    op.create_table(
        "hold_item",
        sa.Column("hold_id", BIG_ID, sa.ForeignKey("legal_hold.id"), primary_key=True, autoincrement=False),
        sa.Column("case_id", BIG_ID, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "disposal",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("proposed_by", "proposed_at")),
        *(sa.Column(name, BIG, nullable=True) for name in ("decided_by", "decided_at")),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("done_at", BIG, nullable=True),
        sa.Column("manifest", sa.String(64), nullable=False),
    )
    op.create_table(
        "disposal_item",
        sa.Column("disposal_id", BIG_ID, sa.ForeignKey("disposal.id"), primary_key=True, autoincrement=False),
        sa.Column("case_id", BIG_ID, primary_key=True, autoincrement=False),
        sa.Column("no", sa.String(20), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("archived_at", "due_at")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("ix_disposal_item_case", "disposal_item", ["case_id", "state"])
    op.execute(
        "INSERT INTO retention_class(code, months, types, basis)"
        " VALUES('general', 24, '[]', '客户响应中心：不少于2年'), ('complaint', 24, '[\"complaint\", \"dispute\"]', '')"
    )
    op.create_index("ix_archive_access_at", "archive_access", ["at"])
    op.execute(HELD)
    guard()


def guard() -> None:
    """Refuses to delete what the entries of a case say, but for a record that is being disposed of by two people."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER journal_body_kept BEFORE DELETE ON journal_body WHEN EXISTS (SELECT 1 FROM journal j"
            " JOIN cases c ON c.id = CAST(substr(j.stream, 6) AS INTEGER)"
            f" WHERE j.id = OLD.journal_id AND j.stream LIKE 'case:%' AND ({STAYS}))"
            " BEGIN SELECT RAISE(ABORT, 'kept'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_unless_disposed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " DECLARE of_case bigint; BEGIN"
        " SELECT CAST(substr(stream, 6) AS bigint) INTO of_case FROM journal"
        " WHERE id = OLD.journal_id AND stream ~ '^case:[0-9]+$';"
        f" IF of_case IS NOT NULL AND EXISTS (SELECT 1 FROM cases c WHERE c.id = of_case AND ({STAYS}))"
        " THEN RAISE EXCEPTION 'kept'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_body_kept BEFORE DELETE ON journal_body"
        " FOR EACH ROW EXECUTE FUNCTION refuse_unless_disposed()"
    )
    op.execute("ALTER TABLE journal_body ENABLE ALWAYS TRIGGER journal_body_kept")


def downgrade() -> None:
    """Removes them."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_body_kept")
    else:
        op.execute("DROP TRIGGER journal_body_kept ON journal_body")
        op.execute("DROP FUNCTION refuse_unless_disposed()")
    op.execute("DROP VIEW held_case")
    op.drop_index("ix_archive_access_at", "archive_access")
    for table in ("disposal_item", "disposal", "hold_item", "legal_hold", "retention_class"):
        op.drop_table(table)
    op.drop_column("cases", "disposed")
