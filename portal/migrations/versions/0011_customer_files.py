"""Customer files with identities, journal, class, nuisance mark and pairs; edited lists; checked identities of cases."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOUND_BY = {"phone": "phone", "email": "lower(email)", "number": "lower(replace(number, ' ', ''))"}
NAMED = "lower(replace(name, ' ', ''))"


def upgrade() -> None:
    """Adds columns and tables; what files held so far becomes their first identities."""
    op.add_column("customer", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("customer", sa.Column("prefers_time", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("nuisance", sa.JSON(), nullable=True))
    op.create_index("ix_customer_merged_into", "customer", ["merged_into"], unique=False)
    op.add_column("cases", sa.Column("extra", sa.JSON(), nullable=True))
    op.add_column("cases", sa.Column("checked", sa.JSON(), nullable=True))
    op.create_table(
        "customer_contact",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_contact_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_contact")),
    )
    op.create_index("ix_customer_contact_folded", "customer_contact", ["folded", "kind"], unique=False)
    op.create_index("ix_customer_contact_customer", "customer_contact", ["customer_id"], unique=False)
    _pairs_and_lists()
    into = "INSERT INTO customer_contact(customer_id, kind, value, folded, note)"
    for kind, found_by in FOUND_BY.items():
        op.execute(f"{into} SELECT id, '{kind}', {kind}, {found_by}, '' FROM customer WHERE {kind} <> ''")
    op.execute(
        f"{into} SELECT id, 'name', name, {NAMED}, '' FROM customer WHERE name NOT IN ('', number, phone, email)"
    )


def _pairs_and_lists() -> None:
    op.create_table(
        "customer_pair",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("low_id", BIG_ID, nullable=False),
        sa.Column("high_id", BIG_ID, nullable=False),
        sa.Column("main_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["low_id"], ["customer.id"], name=op.f("fk_customer_pair_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["customer.id"], name=op.f("fk_customer_pair_high_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_pair")),
        sa.UniqueConstraint("low_id", "high_id", name=op.f("uq_customer_pair_low_id_high_id")),
    )
    op.create_index("ix_customer_pair_high_id", "customer_pair", ["high_id"], unique=False)
    op.create_index("ix_customer_pair_state", "customer_pair", ["state"], unique=False)
    op.create_table(
        "list_item",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("list", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.String(length=40), nullable=False),
        sa.Column("en", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_item")),
        sa.UniqueConstraint("list", "code", name=op.f("uq_list_item_list_code")),
    )


def downgrade() -> None:
    """Removes them."""
    for table in ("list_item", "customer_pair", "customer_contact"):
        op.drop_table(table)
    op.drop_index("ix_customer_merged_into", table_name="customer")
    for table, columns in {"cases": ("checked", "extra"), "customer": ("nuisance", "prefers_time", "version")}.items():
        for column in columns:
            op.drop_column(table, column)
