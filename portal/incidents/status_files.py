"""The status page as files for a web server outside: each in place whole or not at all, written when it differs."""

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.incidents import status
from portal.kernel.config import ROOT
from portal.kernel.i18n import instant, speaking

PAGES = {"en.html": "en", "index.html": "zh_Hans_CN"}  # the Chinese one is the front page, and is written last
STYLES = ("tokens.css", "status.css")


def files(now: datetime) -> dict[str, bytes]:
    """What the folder should hold: pages in both languages, their style, the same as data for machines."""
    matters = status.current(now)
    made = {"status.css": b"\n".join((ROOT / "static" / name).read_bytes() for name in STYLES)}
    made["status.json"] = json.dumps(_data(matters), ensure_ascii=False, indent=1).encode()
    for name, language in PAGES.items():
        with speaking(language):
            template = current_app.jinja_env.get_template("incidents/status_static.html")
            made[name] = template.render(matters=matters, language=language[:2], other=_other(name)).encode()
    return made


def _other(name: str) -> str:
    return next(other for other in PAGES if other != name)


def _data(matters: list[status.Matter]) -> list[dict[str, object]]:
    return [
        {
            "class": {"zh": one.zh, "en": one.en}, "text": {"zh": one.now.text, "en": one.now.text_en},
            "published": instant(one.now.published), "expected_recovery": instant(one.now.recovery),
            "next_news": instant(one.now.next_news), "service_is_back": one.now.restored,
        }
        for one in matters
    ]  # fmt: skip


def write(folder: Path, wanted: dict[str, bytes]) -> int:
    """Brings the folder up to date; returns how many files were written. Raises OSError where it cannot be written."""
    written = 0
    for name, content in wanted.items():
        target = folder / name
        if not target.is_file() or target.read_bytes() != content:
            _put(target, content)
            written += 1
    return written


def _put(target: Path, content: bytes) -> None:
    """Written beside its place, on disk, then renamed: a reader sees the old file or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=".status-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
