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
    "notice.tampered": _l("The record was altered"),
    "proof_code.0": _l("everything holds, anchored"),
    "proof_code.1": _l("the record was altered"),
    "proof_code.2": _l("everything holds, but the newest entries are not anchored"),
    "proof_code.3": _l("could not be verified"),
    "proof.entry": _l("the entry itself was altered"),
    "proof.link": _l("the entry does not continue the one before it"),
    "proof.missing": _l("the entry is not there"),
    "proof.body": _l("the words of the entry were altered"),
    "proof.head": _l("the journal does not end with this entry"),
    "proof.leaves": _l("the entries under the seal are not those that were sealed"),
    "proof.seal": _l("the seal itself was altered, or one before it is missing"),
    "proof.anchor": _l("the seal is not the one that was anchored"),
    "proof.looks": _l("the access log is not the one that was sealed"),
    "proof.guard": _l("the trigger that refuses changes is missing"),
    "proof.file": _l("an attachment does not match its checksum"),
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
