"""Files as they come with a request: each taken in for itself, what is wrong with one said at the field."""

import io
from contextlib import closing
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, request, send_file

from portal.attachments import actions
from portal.attachments.models import Attachment
from portal.attachments.rules import PICTURES
from portal.attachments.taking import limits, take
from portal.identity.actor import Actor
from portal.kernel import files
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Invalid, Refused
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import sentence

INERT = "sandbox; default-src 'none'"


def hint() -> str:
    """What may be attached, in words."""
    most, number = limits()
    return _(
        "Images, PDF, audio and office files; up to %(number)s at once, %(most)s MB each. A screenshot can be pasted, "
        "a file dropped anywhere on the form.",
        number=number, most=most // 1024 // 1024,
    )  # fmt: skip


def receive(actor: Actor, now: datetime, form: str, name: str = "files") -> tuple[str, ...]:
    """Puts each file of this request down beside the form; returns what is wrong, a sentence for each refused file."""
    wrong: list[str] = []
    for upload in request.files.getlist(name):
        if not upload.filename:
            continue
        try:
            with closing(upload):
                taken = take(upload.stream, upload.filename)
            with transaction():
                actions.put_down(actor, now, form, taken)
        except (Invalid, Busy) as refused:
            wrong.append(sentence(refused))
    return tuple(dict.fromkeys(wrong))


def at_field(field: Any, wrong: tuple[str, ...]) -> bool:
    """Says at the form's field what was wrong with its files; True when nothing was."""
    if wrong:
        field.errors = [*field.errors, *wrong]
    return not wrong


def sent(row: Attachment) -> Response:
    """A file's content: fixed type, inert. Raises Refused when the content no longer is what its checksum says."""
    content = files.content(row.sha256)
    if content is None:
        current_app.logger.error("attachment %s does not match its checksum %s", row.id, row.sha256)
        raise Refused("file_lost")
    answer = send_file(io.BytesIO(content), mimetype=row.kind, conditional=True, etag=False, max_age=None)
    how = "inline" if row.kind in PICTURES else "attachment"
    ending = row.name.rpartition(".")[2]
    answer.headers["Content-Disposition"] = f"{how}; filename=\"file.{ending}\"; filename*=UTF-8''{quote(row.name)}"
    answer.headers["Content-Security-Policy"] = INERT
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def begins() -> bool:
    """Whether this request asks for a content from its beginning: a player asks for the rest in further pieces."""
    asked = request.headers.get("Range", "")
    return not asked or asked.startswith("bytes=0-")
