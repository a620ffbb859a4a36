"""Milestones of incidents, departments back to normal, who writes the review, measures, calls."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_incident() -> list[sa.Column[int]]:
    return [
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("incident_id", BIG, sa.ForeignKey("incident.id"), nullable=False),
    ]


def upgrade() -> None:
    """Adds them; incidents that are there get the milestones that their rows know."""
    op.add_column("incident", sa.Column("review_owner_id", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("review_owner", sa.String(80), nullable=False, server_default=""))
    op.add_column("incident", sa.Column("review_due_at", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("review_told_next", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("reviewed_at", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("review", sa.JSON(), nullable=True))
    told = sa.text("review_told_next IS NOT NULL")
    op.create_index("ix_incident_review", "incident", ["review_told_next"], sqlite_where=told, postgresql_where=told)
    op.add_column("incident", sa.Column("offered", sa.JSON(), nullable=True))
    op.add_column("incident", sa.Column("report_told_next", sa.BigInteger(), nullable=True))
    there = sa.text("report_told_next IS NOT NULL")
    op.create_index("ix_incident_report", "incident", ["report_told_next"], sqlite_where=there, postgresql_where=there)
    op.execute("UPDATE incident SET report_told_next = next_report_at WHERE state = 'active'")
    _measures()
    _calls()
    op.create_table(
        "incident_milestone",
        *_of_incident(),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.UniqueConstraint("incident_id", "code"),
    )
    op.create_table(
        "incident_back",
        *_of_incident(),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint("incident_id", "unit_id"),
    )
    _milestones_known()


def _measures() -> None:
    op.create_table(
        "incident_measure",
        *_of_incident(),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("text", "evidence", "words")),
        *(sa.Column(name, sa.String(80), nullable=False) for name in ("owner", "verifier")),
        sa.Column("state", sa.String(10), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("owner_id", "due_at", "retest_at")),
        *(sa.Column(n, sa.BigInteger(), nullable=True) for n in ("done_at", "done_by", "tested_at", "told_next")),
        sa.UniqueConstraint("incident_id", "n"),
    )
    still, told = sa.text("state <> 'held'"), sa.text("told_next IS NOT NULL")
    op.create_index(
        "ix_incident_measure_open", "incident_measure", ["kind"], sqlite_where=still, postgresql_where=still
    )
    op.create_index(
        "ix_incident_measure_told", "incident_measure", ["told_next"], sqlite_where=told, postgresql_where=told
    )


def _calls() -> None:
    op.create_table(
        "incident_call",
        *_of_incident(),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("next_at", "acknowledged_at", "on_post_at")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("passed_at", "hand_at")),
        sa.Column("by_hand", sa.String(8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.UniqueConstraint("incident_id", "n"),
    )
    there = sa.text("next_at IS NOT NULL")
    op.create_index("ix_incident_call_next", "incident_call", ["next_at"], sqlite_where=there, postgresql_where=there)


def _milestones_known() -> None:
    store = op.get_bind()
    added = sa.text("INSERT INTO incident_milestone(incident_id, code, at, first_at, basis) VALUES(:i, :c, :t, :t, '')")
    rows = store.execute(
        sa.text(
            "SELECT i.id, i.occurred_at, i.reported_at, i.declared_at, i.ended_at, i.outcome, i.announcements,"
            " (SELECT min(r.acknowledged_at) FROM incident_role r WHERE r.incident_id = i.id) FROM incident i"
        )
    ).all()
    for row in rows:
        told = json.loads(row[6]) if isinstance(row[6], str) else row[6]
        known = {"occurred": row[1], "discovered": row[2], "reported": row[2], "declared": row[3], "activated": row[3]}
        known["on_post"] = row[7]
        known["announced"] = min((a["published"] for a in told if a["published"]), default=None)
        known["closed"] = row[4] if row[5] == "ended" else None
        for code, moment in known.items():
            if moment is not None:
                store.execute(added, {"i": row[0], "c": code, "t": moment})


def downgrade() -> None:
    """Removes them."""
    op.drop_table("incident_call")
    op.drop_table("incident_measure")
    op.drop_column("incident", "offered")
    op.drop_index("ix_incident_review", "incident")
    op.drop_index("ix_incident_report", "incident")
    op.drop_column("incident", "report_told_next")
    op.drop_table("incident_back")
    op.drop_table("incident_milestone")
    for name in ("review", "reviewed_at", "review_told_next", "review_due_at", "review_owner", "review_owner_id"):
        op.drop_column("incident", name)
