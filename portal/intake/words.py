"""Words of taking requests down."""

from flask_babel import lazy_gettext as _l

from portal.intake import import_words

TERMS = {
    "acting.self": _l("The customer"),
    "acting.other": _l("Somebody acting for the customer"),
    "missing.customer": _l("Who is asking: a telephone number, customer number or name"),
    "missing.problem": _l("What exactly happened: which product, what it shows, since when, how far it reaches"),
    "missing.time": _l("Say when it happened, such as: since 08:30 this morning"),
    "missing.demand": _l("Say what the customer wants us to do"),
}
REFUSALS = {
    "caller_missing": _l("Say who is acting for the customer."),
    "read_back_empty": _l("%(fact)s was ticked as read back, but nothing is written there."),
    "extra_missing": _l("This type of request also needs: %(fields)s"),
    "elements_missing": _l("Not all four elements are there yet. Everything you typed is kept."),
    "received_ahead": _l("The time of receipt lies in the future."),
    "received_unreadable": _l("Write a time like 2026-11-24 09:12."),
}
TERMS |= import_words.TERMS
REFUSALS |= import_words.REFUSALS
