"""Words of what proposes."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "proposal_field.request_type": _l("Type"),
    "proposal_field.category": _l("Category"),
    "proposal_field.level": _l("Level"),
    "proposal_field.department": _l("Department"),
    "proposal_state.draft": _l("Draft"),
    "proposal_state.review": _l("In review"),
    "proposal_state.effective": _l("Approved"),
    "proposal_state.discarded": _l("Discarded"),
    "proposal_state.refused": _l("Not taken into use"),
    "proposal_side.rules": _l("Rules"),
    "proposal_side.score": _l("Score"),
    "proposal_by.rule": _l("by a rule"),
    "proposal_by.score": _l("by the score"),
    "proposal_by.type": _l("the department of this type"),
    "proposal_by.urgency": _l("because it was marked urgent"),
    "proposal_by.none": _l("nothing in the text says otherwise"),
}
REFUSALS = {
    "proposal_no_word": _l("Write at least one word or phrase."),
    "proposal_word_short": _l("“%(word)s” is too short: a Latin word needs two letters at least."),
    "proposal_word_long": _l("“%(word)s…” is too long: at most %(most)s characters a phrase. Part words by commas."),
    "proposal_many_words": _l("At most %(most)s words a rule."),
    "proposal_many_rules": _l("At most %(most)s rules."),
    "proposal_unknown_value": _l("There is no “%(value)s” on this list."),
    "proposal_gives_nothing": _l("Choose what the words propose: a type, category, level or department."),
    "proposal_weight_bad": _l("Write the weight as a whole number from 1 to %(most)s."),
    "proposal_text_long": _l("At most %(most)s characters."),
    "proposal_no_text": _l("Paste or type a text to try."),
    "proposal_draft_open": _l("Version %(version)s is still open. Finish or discard it first."),
    "proposal_row_changed": _l("Somebody else changed this rule meanwhile (%(words)s). What you typed is still here."),
    "proposal_changes_nothing": _l("Version %(version)s changes nothing yet."),
    "proposal_in_other_state": _l("That is not possible: version %(version)s is “%(state)s”."),
    "proposal_own_draft": _l("Whoever had a hand in version %(version)s cannot review it; somebody else has to."),
    "proposal_say_why": _l("Write why."),
    "no_such_rule": _l("There is no rule %(rule)s in this version."),
    "no_such_rules": _l("There is no version %(version)s of the rules."),
}
