"""Packages as rows: who asked for which, which one a worker is at, where its file lies."""

import shutil
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal.archive.models import ExportPackage
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.journal import stream
from portal.kernel.db import db, read, write
from portal.kernel.errors import Missing

STREAM = "export"
SILENT = 120  # seconds without a sign of life after which another worker begins anew
SHOWN = 50
OPEN = "SELECT id FROM export_package WHERE state = 'making' AND (worker = '' OR seen_at < :silent) ORDER BY id LIMIT 1"
TAKEN = (
    "UPDATE export_package SET worker = :me, seen_at = :now, done = 0 WHERE id = :id AND state = 'making'"
    " AND (worker = '' OR seen_at < :silent) RETURNING id"
)
SEEN = (
    "UPDATE export_package SET seen_at = :now, done = :done WHERE id = :id AND worker = :me AND state = 'making'"
    " RETURNING id"
)
OLD = "SELECT id FROM export_package WHERE state = 'ready' AND ended_at < :before ORDER BY id LIMIT 20"
GONE = "UPDATE export_package SET state = 'gone' WHERE id = :id"


def folder() -> Path:
    """Where packages lie; readable by the portal alone."""
    found: Path = current_app.config["PORTAL"].data / "exports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def file_of(package_id: int) -> Path:
    """The zip file of a package."""
    return folder() / f"{package_id}.zip"


def workshop(package_id: int, worker: str) -> Path:
    """The folder in which one worker puts a package together; no other worker writes there."""
    return folder() / f"{package_id}-{worker}" / f"records-{package_id}"


def made_by(package_id: int, worker: str) -> Path:
    """The zip file that one worker makes, until the package is that worker's to end."""
    return folder() / f"{package_id}-{worker}.zip"


def record_in(name: str) -> str:
    """The number of the case or order that a file of a package tells of; empty for any other file."""
    path = PurePosixPath(name)
    return path.stem if path.match("data/records/*.json") or path.match("data/orders/*.json") else ""


def begun(package_id: int) -> set[str]:
    """The numbers of records that earlier attempts at a package held, or passed over."""
    found = folder().glob(f"{package_id}-*/records-{package_id}/data/*/*.json")
    return {path.stem for path in found if record_in(path.as_posix()) or path.match("data/disposed/*.json")}


def clear(package_id: int) -> None:
    """Removes whatever lies there of a package, of any worker."""
    file_of(package_id).unlink(missing_ok=True)
    for path in folder().glob(f"{package_id}-*"):
        _remove(path)


def discard(package_id: int, worker: str) -> None:
    """Removes what one worker made of a package, and nothing of another's."""
    for path in folder().glob(f"{package_id}-{worker}*"):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def by_key(key: str) -> ExportPackage | None:
    """What a form has asked for before."""
    return db.session.scalar(select(ExportPackage).where(ExportPackage.key == key)) if key else None


def seen_by(actor: Actor) -> list[ExportPackage]:
    """The newest packages: one's own, and those of others for whoever gives the second word."""
    query = select(ExportPackage).order_by(ExportPackage.id.desc()).limit(SHOWN)
    if not may(actor, "archive.release"):
        query = query.where(ExportPackage.person_id == actor.id)
    return list(db.session.scalars(query))


def one_of(actor: Actor, package_id: int) -> ExportPackage:
    """A package that this person may know of. Raises Missing."""
    found = db.session.get(ExportPackage, package_id, populate_existing=True)
    if found is None or not (found.person_id == actor.id or may(actor, "archive.release")):
        raise Missing("not_found")
    return found


def row(package_id: int) -> ExportPackage:
    """One that a worker has taken."""
    return db.session.get_one(ExportPackage, package_id, populate_existing=True)


def waiting(now: int) -> int | None:
    """One that no worker is at; epoch seconds."""
    found = read(OPEN, {"silent": now - SILENT})
    return found[0][0] if found else None


def take(package_id: int, me: str, now: int) -> bool:
    """Takes it for one worker; False when another was quicker. Inside transaction()."""
    return bool(write(TAKEN, {"id": package_id, "me": me, "now": now, "silent": now - SILENT}))


def seen(package_id: int, me: str, now: int, done: int) -> bool:
    """Says how far it is; False when another worker has it now. Inside transaction()."""
    return bool(write(SEEN, {"id": package_id, "me": me, "now": now, "done": done}))


def end(package_id: int, me: str, now: datetime, facts: dict[str, Any]) -> bool:
    """Keeps what this worker made; its hash is an entry of the journal `export`. Inside transaction().

    False, and nothing is touched, where another worker has the package now.
    """
    made = db.session.get(ExportPackage, package_id, with_for_update=True, populate_existing=True)
    if made is None or (made.worker, made.state) != (me, "making"):
        return False
    made.state, made.ended_at, made.done = facts["state"], now, facts["count"]
    made.sha256, made.manifest, made.size = facts["sha256"], facts["manifest"], facts["size"]
    told = facts | {"package": package_id, "decided_by": made.decided_by, "query": made.query}
    stream.append(STREAM, "Packaged", told, by_id=made.person_id, at=now)
    if made.state == "ready":
        made_by(package_id, me).replace(file_of(package_id))
    return True


def outlived(before: int) -> list[int]:
    """Packages whose time to be fetched is over; epoch seconds."""
    return [row[0] for row in read(OLD, {"before": before})]


def let_go(package_id: int) -> None:
    """Notes that a package's file was removed. Inside transaction()."""
    write(GONE, {"id": package_id})
