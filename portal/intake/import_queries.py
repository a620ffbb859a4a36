"""Reading imports: which there are, how far one is, which rows it refused."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake.import_rules import Options
from portal.intake.models import ImportRefusal, ImportRun
from portal.kernel import files
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing


def runs(actor: Actor) -> list[ImportRun]:
    """The newest imports, everybody's."""
    allow(actor, "case.import")
    return list(db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(50)))


def run_by_id(actor: Actor, run_id: int, *, change: bool = False) -> ImportRun:
    """One import, locked when it is to be changed. Raises Missing."""
    allow(actor, "case.import")
    run = db.session.get(ImportRun, run_id, with_for_update=change or None, populate_existing=change)
    if run is None:
        raise Missing("not_found")
    return run


def content_of(run: ImportRun) -> bytes:
    """The file of an import. Raises Invalid when it is kept no longer, or no longer is what it was."""
    content = files.content(run.sha256)
    if content is None:
        raise Invalid("import_file_gone")
    return content


def refusals(run: ImportRun, most: int | None = None) -> list[ImportRefusal]:
    """The rows that were refused, in the order of the file."""
    query = select(ImportRefusal).where(ImportRefusal.run_id == run.id).order_by(ImportRefusal.line)
    return list(db.session.scalars(query.limit(most)))


def options_of(kept: Mapping[str, Any]) -> Options:
    """How a file is to be read, as it was kept."""
    return Options(**{name: value for name, value in kept.items() if name in Options.__dataclass_fields__})
