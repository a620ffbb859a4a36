"""How Alembic reaches the store: through the portal's guarded engine (the owner's), one transaction for a migration."""

from alembic import context

from portal.kernel.db import db, writing
from portal.kernel.owner import owner

config = context.config


def run() -> None:
    """Applies migrations on the present application's store."""
    with writing(), owner() as engine, engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            transaction_per_migration=False,
            render_as_batch=False,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
