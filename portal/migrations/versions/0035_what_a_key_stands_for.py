"""What was sent under another system's key, as a digest: the same key with other content is refused."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys used before keep no digest: they are answered as they always were."""
    op.add_column("submission", sa.Column("digest", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    """Removes it."""
    with op.batch_alter_table("submission") as batch:
        batch.drop_column("digest")
