"""Group customers with their services, contacts, documents and what is due; support projects."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"
branch_labels = None
depends_on = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True, autoincrement=True)


def _texts(**sizes: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(size), nullable=False) for name, size in sizes.items()]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _owners() -> list[sa.Column[int]]:
    return [
        sa.Column("customer_id", BIG, sa.ForeignKey("group_file.customer_id"), nullable=True),
        sa.Column("project_id", BIG, sa.ForeignKey("support_project.id"), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    """Adds the tables; no customer is a group customer yet."""
    op.create_table(
        "group_file",
        sa.Column("customer_id", BIG, sa.ForeignKey("customer.id"), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        *_texts(trade=80, address=200, manager=80, contract_no=60, contract_from=10, contract_until=10),
        *_numbers("manager_id", "manager_unit", "opened_at"),
        sa.Column("last_n", sa.Integer(), nullable=False),
    )
    op.create_index("ix_group_file_unit_id", "group_file", ["unit_id"])
    op.create_index("ix_group_file_manager_id", "group_file", ["manager_id"])
    op.create_table(
        "support_project",
        _id(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", BIG, sa.ForeignKey("group_file.customer_id"), nullable=False),
        sa.Column("unit_id", BIG, sa.ForeignKey("unit.id"), nullable=False),
        *_texts(name=120, leader=80, state=8),
        sa.Column("goal", sa.Text(), nullable=False),
        *_numbers("leader_id", "leader_unit", "opened_at"),
        sa.Column("orders", sa.JSON(), nullable=False),
        sa.Column("spells", sa.JSON(), nullable=False),
        sa.Column("last_n", sa.Integer(), nullable=False),
    )
    op.create_index("ix_support_project_state", "support_project", ["state", "id"])
    for name in ("customer_id", "unit_id", "leader_id", "opened_at"):
        op.create_index(f"ix_support_project_{name}", "support_project", [name])
    _services_and_contacts()
    _documents()
    _dues()


def _services_and_contacts() -> None:
    of_file = sa.ForeignKey("group_file.customer_id")
    op.create_table(
        "group_service",
        _id(),
        sa.Column("customer_id", BIG, of_file, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        *_texts(kind=20, circuit_no=60, bandwidth=40, end_a=120, end_z=120, since=10, state=12, order_no=40, note=200),
        sa.UniqueConstraint("customer_id", "n"),
    )
    op.create_index("ix_group_service_circuit_no", "group_service", ["circuit_no"])
    op.create_table(
        "group_contact",
        _id(),
        sa.Column("customer_id", BIG, sa.ForeignKey("group_file.customer_id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        *_texts(side=6, duty=12, name=80, mobile=30, email=120, note=120),
        *_numbers("person_id", "unit_id"),
        sa.UniqueConstraint("customer_id", "n"),
    )
    op.create_index("ix_group_contact_unit", "group_contact", ["unit_id", "customer_id"])


def _documents() -> None:
    op.create_table(
        "corporate_document",
        _id(),
        *_owners(),
        *_texts(topic=12, title=160, name=160, kind=100, sha256=64),
        *_numbers("size", "at", "by_id"),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("customer_id", "n"),
        sa.UniqueConstraint("project_id", "n"),
    )
    op.create_index("ix_corporate_document_sha256", "corporate_document", ["sha256"])


def _dues() -> None:
    op.create_table(
        "corporate_due",
        _id(),
        *_owners(),
        *_texts(kind=12, code=20, title=160, period=10, phase=12, owner=80, state=8),
        *_numbers("owner_id", "owner_unit", "due_at", "first_at"),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("document_n", sa.Integer(), nullable=False),
        sa.Column("notice_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("customer_id", "n"),
        sa.UniqueConstraint("project_id", "n"),
    )
    op.create_index("ix_corporate_due_kind", "corporate_due", ["kind", "due_at"])
    waits = sa.text("state = 'open' AND notice_at IS NOT NULL")
    op.create_index(
        "ix_corporate_due_notice", "corporate_due", ["notice_at"], sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    """Removes them; the contents of documents stay in the data folder."""
    for table in (
        "corporate_due", "corporate_document", "group_contact", "group_service", "support_project", "group_file",
    ):  # fmt: skip
        op.drop_table(table)
