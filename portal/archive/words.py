"""Words of the archive: what was looked at, what may be wrong, and its refusals."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "looked.search": _l("Searched"),
    "looked.count": _l("Hits counted"),
    "looked.print": _l("Printed"),
    "looked.open": _l("Record opened"),
    "facet.level": _l("Level"),
    "facet.channel": _l("Channel"),
    "facet.department": _l("Department"),
    "facet.outcome": _l("Outcome"),
    "facet.month": _l("Month of archiving"),
    "archive_fault.chain": _l("the entry does not continue the one before it"),
    "archive_fault.body": _l("the words of the entry were altered"),
    "archive_fault.head": _l("entries are missing at the end"),
    "archive_fault.file": _l("an attachment does not match its checksum"),
    "looked.file": _l("Opened a file"),
    "archive_fault.text": _l("the filed text is not the one the journal gives"),
}
REFUSALS = {
    "quarter_missing": _l(
        "The archive has no table for %(quarter)s yet, and this server may not make it. Nothing was changed; ask the"
        " administrator to run `portal init` with DATABASE_OWNER_URL."
    ),
    "no_such_record": _l("There is no record %(no)s in the archive that you may see."),
    "day_unreadable": _l("“%(day)s” is not a day. Write it as 2026-11-24."),
}
