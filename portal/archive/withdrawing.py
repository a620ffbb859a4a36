"""Finished packages that hold a record which was disposed of are deleted with it (AR5). Only disposal.py calls this."""

import zipfile
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from portal.archive.models import ExportPackage
from portal.archive.packages import SILENT, STREAM, clear, file_of, record_in
from portal.journal import stream
from portal.kernel.db import db

PAUSE = 5  # seconds until one that is under way is begun anew: its worker has noticed by then
ANEW = "anew"  # in the place of its worker meanwhile


def withdraw(nos: Collection[str], batch: str, now: datetime) -> int:
    """Deletes every finished package with one of these records; returns how many. Call inside transaction().

    A package that is under way is begun anew. The files go first: should the transaction fail, nothing is fetched.
    """
    if not nos:
        return 0
    ready = db.session.scalars(select(ExportPackage).where(ExportPackage.state == "ready").with_for_update())
    found = [row for row in ready if not _free_of(row.id, nos)]
    for row in found:
        clear(row.id)
        row.state = "withdrawn"
        stream.append(STREAM, "PackageWithdrawn", {"package": row.id, "batch": batch}, by_id=0, at=now)
    again = {"worker": ANEW, "seen_at": int(now.timestamp()) - SILENT + PAUSE}
    db.session.execute(update(ExportPackage).where(ExportPackage.state == "making").values(**again))
    return len(found)


def _free_of(package_id: int, nos: Collection[str]) -> bool:
    """Whether a package holds none of these records; one that cannot be read may hold any."""
    try:
        with zipfile.ZipFile(file_of(package_id)) as packed:
            return not any(record_in(name) in nos for name in packed.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
