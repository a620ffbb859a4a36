"""The folders outside the portal, as the doctor sees them: the daily emergency kit, the copy of the status page."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from portal.backup import kit
from portal.incidents import status, status_files
from portal.kernel.i18n import instant, local

KIT_LATE = timedelta(days=1, hours=6)  # written from five in the morning on: by then there is one of today or yesterday
Said = tuple[str, str]


def _unwritable(folder: Path) -> str:
    """Why nothing can be written there; empty when it can. A folder that is still to be made is looked at above it."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return f"{place} is no folder"
    return "" if os.access(place, os.W_OK | os.X_OK) else f"{place} cannot be written"


def kit_folder(now: datetime) -> Said:
    """State and words for the kit's folder: set, writable, with a kit of today or yesterday and the offline forms."""
    folder = current_app.config["PORTAL"].kit
    if folder is None:
        return "warn", "no folder for the emergency kit (PORTAL_KIT_DIR): nothing is there when the portal is not"
    wrong = _unwritable(folder)
    if wrong:
        return "fault", f"the emergency kit: {wrong}"
    kits = sorted(file.stem for file in folder.glob(f"{kit.name_of('')}????-??-??.pdf"))
    if not kits:
        return "warn", f"{folder} is writable, no emergency kit there yet: the deadline watch writes it from 05:00 on"
    last = kits[-1].removeprefix(kit.name_of(""))
    gone = [name for name in kit.FORMS.values() if not (folder / name).is_file()]
    if gone:
        return "fault", f"{folder} lacks {', '.join(gone)}; the kit of {last} is there"
    if last < f"{local(now - KIT_LATE):%Y-%m-%d}":
        return "fault", f"the newest emergency kit in {folder} is of {last}; does the deadline watch run?"
    return "ok", f"{folder}: kit of {last}, offline forms are there"


def status_folder(now: datetime) -> Said:
    """State and words for the status page's folder: set, writable, the same as the portal shows."""
    folder = current_app.config["PORTAL"].status_dir
    if folder is None:
        return "ok", "no public copy of the status page (PORTAL_STATUS_DIR)"
    wrong = "" if folder.exists() else f"{folder} is not there"
    wrong = wrong or _unwritable(folder)
    last = status.exported()
    if wrong:
        return "fault", f"the status page: {wrong}"
    if last is not None and last.state == "failed":
        return "fault", f"the status page could not be written to {folder} at {instant(last.at)} ({last.why})"
    old = [name for name, body in status_files.files(now).items() if _differs(folder / name, body)]
    if old:
        return "warn", f"{folder} is behind the portal: {', '.join(old)}; the deadline watch writes it within a minute"
    return "ok", f"{folder}: as the portal shows it"


def _differs(file: Path, body: bytes) -> bool:
    return not file.is_file() or file.read_bytes() != body
