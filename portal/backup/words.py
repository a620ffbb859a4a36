"""Words of the backup channel: states of sheets, ways, sentences of its refusals."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "sheet.stock": _l("In stock"),
    "sheet.out": _l("Handed out"),
    "sheet.used": _l("Entered"),
    "sheet.void": _l("Void sheet"),
    "sheet.missing": _l("Missing"),
    "back_means.paper": _l("Paper sheet"),
    "back_means.page": _l("Offline page"),
    "back_means.file": _l("File of the offline form"),
    "notice.sheets_missing": _l("Numbered sheets are missing: say what became of them"),
    "notice.kit_failed": _l("The emergency kit could not be written"),
}
REFUSALS = {
    "no_such_block": _l("There is no such block of sheets."),
    "no_such_paper": _l("No sheet with this number was ever printed."),
    "sheet_used": _l("The sheet was entered already: %(no)s."),
    "sheet_void": _l("The sheet is void: %(words)s"),
    "sheet_used_behind": _l("A sheet behind this number was used already."),
    "sheet_elsewhere": _l("Sheet %(serial)s is now: %(state)s."),
    "sheet_words": _l("Write what became of it."),
    "sheets_count": _l("Between 1 and %(most)s sheets."),
    "block_empty": _l("The block from %(first)s on has no blank sheet left."),
    "heard_ahead": _l("It cannot have been heard in the future."),
    "no_such_back_entry": _l("There is no such entry."),
    "check_own_entry": _l("Somebody else than who entered it checks it against the paper."),
    "entry_checked": _l("This entry has been checked already."),
    "phone_needs_digits": _l("A telephone number has digits."),
    "offline_unreadable": _l("This is no file of the offline form."),
    "offline_no_key": _l("The entry has no key of its own."),
    "offline_no_time": _l("The entry does not say when it was heard."),
    "offline_no_words": _l("The entry says nothing."),
    "kit_not_set": _l("PORTAL_KIT_DIR names no folder."),
}
