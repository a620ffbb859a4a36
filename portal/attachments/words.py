"""Words of attachments."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "file_state.sound": _l("Unchanged"),
    "file_state.changed": _l("The content no longer matches its checksum"),
    "file_state.missing": _l("The content is missing"),
}
REFUSALS = {
    "files_refused": _l("Nothing was linked: %(words)s What you typed is still there."),
    "file_empty": _l("“%(name)s” is empty."),
    "file_too_large": _l("“%(name)s” is larger than %(most)s MB."),
    "file_type": _l("“%(name)s” is not accepted: its content is no image, PDF, audio or office document."),
    "file_pixels": _l("“%(name)s” has more than %(most)s million pixels."),
    "files_too_many": _l("At most %(most)s files at once; “%(name)s” was left out."),
    "files_none": _l("Choose a file that is not attached to this case yet."),
    "disk_full": _l("The server's disk is full. The file was not kept; what you typed is."),
    "files_unwritable": _l("The server cannot write the file. It was not kept; what you typed is."),
    "file_lost": _l(
        "The content of this file is missing or no longer matches its checksum. The administrator knows more."
    ),
}
