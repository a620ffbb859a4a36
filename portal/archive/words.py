"""Words of the archive: what was looked at, what may be wrong, and its refusals."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "looked.search": _l("Searched"),
    "looked.count": _l("Hits counted"),
    "looked.print": _l("Printed"),
    "looked.open": _l("Record opened"),
    "looked.hits": _l("Hits put on record"),
    "looked.export": _l("Exported"),
    "looked.package": _l("Package fetched"),
    "package.waiting": _l("waits for a second person"),
    "package.making": _l("is being made"),
    "package.ready": _l("ready"),
    "package.refused": _l("refused"),
    "package.failed": _l("could not be made"),
    "package.gone": _l("no longer kept"),
    "facet.level": _l("Level"),
    "facet.channel": _l("Channel"),
    "facet.department": _l("Department"),
    "facet.outcome": _l("Outcome"),
    "facet.month": _l("Month of archiving"),
    "facet.type": _l("Type"),
    "facet.category": _l("Category"),
    "facet.satisfied": _l("Satisfied"),
    "facet.phone": _l("Telephone"),
    "facet.customer": _l("Customer"),
    "facet.no": _l("Case number"),
    "facet.title": _l("Title"),
    "facet.date": _l("Day of archiving"),
    "satisfied.yes": _l("satisfied"),
    "satisfied.neutral": _l("neither"),
    "satisfied.no": _l("dissatisfied"),
    "satisfied.none": _l("not rated"),
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
    "saved_name": _l("Give the search a name of at most 60 characters."),
    "saved_name_taken": _l(
        "Another search of yours is called “%(name)s”. Choose another name, or remove that one first."
    ),
    "saved_many": _l("At most %(most)s searches can be kept. Remove one first."),
    "package_purpose": _l("Say what the package is for."),
    "package_empty": _l("Nothing is found by this search: there is nothing to pack."),
    "package_many": _l("%(count)s records are too many for one package: at most %(most)s. Narrow the search."),
    "package_own": _l("Somebody else than who asked for it has to agree."),
    "package_decided": _l("This package has been decided already."),
    "package_reason": _l("Say why it is refused."),
    "export_rows": _l(
        "A spreadsheet holds at most %(most)s rows. Nothing was exported; narrow the search, or take the CSV file."
    ),
    "query_long": _l("The query is too long: at most %(most)s characters."),
    "query_quote": _l("The quotation mark at %(piece)s is not closed."),
    "query_many": _l("Too much at once: at most %(most)s words or values."),
    "query_nothing": _l("“%(piece)s” holds nothing that can be searched for."),
    "query_key": _l(
        "There is no key “%(key)s:”. Keys are %(keys)s. To search for these words, put them in quotation marks."
    ),
    "query_key_near": _l(
        "There is no key “%(key)s:”. Did you mean “%(near)s:”? To search for these words, put them in quotation marks."
    ),
    "query_value_missing": _l("A value is missing behind “%(key)s:”."),
    "query_value": _l("“%(key)s:” has no value “%(value)s”. Possible: %(near)s."),
    "query_value_near": _l("“%(key)s:” has no value “%(value)s”. Did you mean “%(near)s”?"),
    "query_not_bar": _l("“-%(piece)s” is not possible: days and fields cannot be shut out."),
    "query_phone": _l("“phone:%(value)s”: write at least %(least)s digits, and digits alone."),
    "query_day": _l("“%(piece)s” is not a stretch of days. Write it as 2026-03..2026-05 or 2026-03-01..2026-03-15."),
    "query_days_twice": _l("Only one stretch of days is possible."),
    "query_days_order": _l("The days end before they begin: %(start)s to %(end)s."),
}
