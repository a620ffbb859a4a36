"""How Alembic reaches the store: through the portal's own guarded engine, one transaction for all of a migration."""

from alembic import context
from flask import current_app

from portal.kernel.db import db, writing

config = context.config


def run() -> None:
    """Applies migrations on the engine of the present application."""
    engine = current_app.extensions["migrate"].db.engine
    with writing(), engine.connect() as connection:
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
