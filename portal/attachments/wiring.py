"""Forms that carry files may be larger than others."""

from flask import Flask

from portal.attachments.receiving import hint
from portal.attachments.rules import ACCEPT

FORMS = ("files.put_down", "files.put_down_for", "intake.log", "cases.deed", "imports.take_file",
         "voicemails.put_in")  # fmt: skip
BESIDE = 4  # MB for what else a form carries


def wire(app: Flask) -> None:
    """Says how large a signed-in person's posts to these addresses may be, in bytes."""
    app.jinja_env.globals.update(files_hint=hint, files_accept=ACCEPT)
    settings = app.config["PORTAL"]
    most = (settings.file_mb * settings.files_an_act + BESIDE) * 1024 * 1024
    app.config["LARGE_POSTS"] = app.config.get("LARGE_POSTS", {}) | dict.fromkeys(FORMS, most)
