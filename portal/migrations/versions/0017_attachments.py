"""Files of cases and files beside a form, whose contents lie in the data folder; imports; voicemails; dispatch."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
COUNTS = ("total", "rows", "added", "already", "incomplete", "refused")


def upgrade() -> None:
    """Adds the tables; no case has files yet."""
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column(
            "case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.ForeignKey("cases.id"), nullable=True
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    _imports()
    _voicemails()
    op.create_index("ix_attachment_case_id", "attachment", ["case_id"])
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])
    op.create_index("ix_attachment_waiting", "attachment", ["person_id", "form"])


def _imports() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    counts = [sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS]
    op.create_table(
        "import_run",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("person_id", big, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        *counts,
        sa.Column("first_no", sa.String(20), nullable=False),
        sa.Column("last_no", sa.String(20), nullable=False),
        sa.Column("fault", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_import_run_person_id", "import_run", ["person_id"])
    op.create_index("ix_import_run_state", "import_run", ["state"])
    op.create_table(
        "import_refusal",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("run_id", big, sa.ForeignKey("import_run.id"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("beginning", sa.String(80), nullable=False),
        sa.UniqueConstraint("run_id", "line"),
    )


def _voicemails() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "hotline",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("calendar", sa.String(40), nullable=False),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "voicemail",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("hotline_id", big, sa.ForeignKey("hotline.id"), nullable=False),
        sa.Column("caller", sa.String(60), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("case_id", big, sa.ForeignKey("cases.id"), nullable=True),
        sa.UniqueConstraint("hotline_id", "sha256", "received_at"),
    )
    op.create_index("ix_voicemail_state", "voicemail", ["state"])
    op.create_table(
        "dispatch_rule",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("unit_id", big, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("person_id", big, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("least_loaded", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    """Removes them; the contents stay in the data folder."""
    for table in ("dispatch_rule", "voicemail", "hotline", "import_refusal", "import_run", "attachment"):
        op.drop_table(table)
