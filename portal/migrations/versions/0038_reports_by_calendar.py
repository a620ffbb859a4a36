"""Reports by calendar as one object; what was written into quarterly reports comes along, word for word."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COPIED = (
    "INSERT INTO paper_text(paper_id, section, text, version, by_id, by_name, at)"
    " SELECT p.id, CAST(t.section AS VARCHAR(20)), t.text, t.version, t.by_id, t.by_name, t.at"
    " FROM report_text t JOIN paper p ON p.kind = 'quarterly' AND p.period = t.quarter"
)
# a quarter's last day is known to the portal's calendar, not to a migration: three weeks after its end will do
MADE = (
    "INSERT INTO paper(version, kind, period, unit_id, edition, state, draft_at, due_at, hands, signers, changed,"
    " note, done, total, worker, frozen, digest) VALUES(0, 'quarterly', :quarter, 0, 1, 'waiting', :draft, :due,"
    " :hands, '[]', '', '', 0, 0, '', '', '')"
)
DAY = 86400


def upgrade() -> None:
    """Adds the two tables, moves the prose of quarterly reports into them, and drops the table it stood in."""
    waiting, told = sa.text("state = 'waiting'"), sa.text("notice_at IS NOT NULL")
    op.create_table(
        "paper",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("draft_at", "due_at")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in ("notice_at", "drafted_at", "handed_in_at", "published_at")
        ),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("hands", "signers")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("changed", "note")),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("answer_due", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "total")),
        sa.Column("worker", sa.String(8), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.Column("frozen", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("kind", "period", "unit_id", "edition", name="uq_paper_kind_period_unit_id_edition"),
    )
    op.create_index("ix_paper_waiting", "paper", ["draft_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_paper_notice", "paper", ["notice_at"], sqlite_where=told, postgresql_where=told)
    op.create_index("ix_paper_due", "paper", ["due_at"])
    op.create_table(
        "paper_text",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("paper_id", BIG, sa.ForeignKey("paper.id"), nullable=False),
        sa.Column("section", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("paper_id", "section", name="uq_paper_text_paper_id_section"),
    )
    _bring_along()
    op.drop_table("report_text")


def _bring_along() -> None:
    store = op.get_bind()
    written: dict[str, set[int]] = {}
    for quarter, by_id in store.execute(sa.text("SELECT quarter, by_id FROM report_text ORDER BY quarter, section")):
        written.setdefault(quarter, set()).add(by_id)
    for quarter, hands in written.items():
        months = int(quarter[:4]) * 12 + int(quarter[5]) * 3
        end = int(datetime(months // 12, months % 12 + 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
        facts = {"quarter": quarter, "draft": end + 8 * 3600, "due": end + 21 * DAY - 1}
        store.execute(sa.text(MADE), facts | {"hands": str(sorted(hands))})
    store.execute(sa.text(COPIED))


def downgrade() -> None:
    """Takes the prose of the newest editions of quarterly reports back, and removes the tables."""
    op.create_table(
        "report_text",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("quarter", sa.String(6), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("quarter", "section", name="uq_report_text_quarter_section"),
    )
    op.execute(
        "INSERT INTO report_text(quarter, section, text, version, by_id, by_name, at)"
        " SELECT p.period, CAST(t.section AS INTEGER), t.text, t.version, t.by_id, t.by_name, t.at"
        " FROM paper_text t JOIN paper p ON p.id = t.paper_id WHERE p.kind = 'quarterly' AND p.edition ="
        " (SELECT max(q.edition) FROM paper q WHERE q.kind = p.kind AND q.period = p.period)"
    )
    op.drop_table("paper_text")
    op.drop_table("paper")
