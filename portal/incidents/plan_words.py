"""Words of the plans: parts, what the linter says, what a draft is refused for."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "notice.plan_due": _l("A plan is to be evaluated: the last time is a year ago"),
    "plan_part.grade": _l("Grades"),
    "plan_part.problem": _l("Service problems, and the grade that corresponds"),
    "plan_part.role": _l("Roles"),
    "plan_part.phone": _l("Numbers when nothing else works"),
    "plan_part.class": _l("Classes of incidents"),
    "plan_part.task": _l("Checklist"),
    "plan_part.criterion": _l("End conditions"),
    "plan_part.message": _l("Texts for customers"),
    "plan_lint.code_bad": _l("The code is not one: small letters, digits, dots and _, a letter first."),
    "plan_lint.code_twice": _l("The code stands there twice."),
    "plan_lint.name_missing": _l("The words are missing in one of the languages."),
    "plan_lint.clause_missing": _l("It cites no requirement and is not marked [H]."),
    "plan_lint.basis_missing": _l("It does not say where this comes from, a requirement or [H]: %(basis)s."),
    "plan_basis.line": _l("order of the calls"),
    "plan_basis.report": _l("situation reports"),
    "plan_basis.answer": _l("answers of those called"),
    "plan_basis.review": _l("review"),
    "plan_basis.minutes": _l("time limit"),
    "plan_lint.unreachable_role": _l("Nobody comes to this step: the plan has no role “%(role)s”."),
    "plan_lint.unreachable_grade": _l("This step is never reached: there is no grade “%(grade)s”."),
    "plan_lint.unreachable_step": _l("“%(step)s” stands twice in the line: the second is never reached."),
    "plan_lint.kind_unknown": _l("A step is on site, remote or material."),
    "plan_lint.minutes_bad": _l("Say within how many minutes."),
    "plan_lint.proof_missing": _l("Say what proves that it was done, in both languages."),
    "plan_lint.text_missing": _l("The text is missing in one of the languages."),
    "plan_lint.place_unknown": _l("These places cannot be filled: %(names)s"),
    "plan_lint.cadence_bad": _l("Say how often it is reported, within what called people answer, and how many must."),
    "plan_lint.no_line": _l("Nobody is named who could be called."),
    "plan_lint.role_nobody": _l("Nobody holds the roles that are called for it."),
    "plan_lint.no_deputy": _l("Only one person can be called: there is no deputy."),
    "plan_lint.number_missing": _l("No number is written yet."),
    "plan_lint.no_exit_criterion": _l("The plan does not say when it is over."),
    "plan_lint.no_checklist": _l("The plan has no steps of its own."),
    "plan_lint.no_message": _l("There is no text for customers."),
}
REFUSALS: dict[str, object] = {
    "plan_changed": _l("Somebody has changed this draft since you looked. What you typed is still here."),
    "plan_changes_nothing": _l("Version %(version)s changes nothing yet."),
    "plan_overtaken": _l(
        "Version %(newer)s has come into force meanwhile; version %(version)s began from an older one."
    ),
    "plan_has_errors": _l("%(count)s errors are left; they stand at their rows. Nothing was handed in."),
    "plan_in_other_state": _l("That is not possible: version %(version)s is “%(state)s”."),
    "plan_own_draft": _l("Whoever had a hand in version %(version)s cannot review it; somebody else has to."),
    "plan_say_why": _l("Write why."),
    "plan_role_unknown": _l("There is no role %(role)s."),
    "plan_code_twice": _l("The code %(word)s stands there already."),
}
