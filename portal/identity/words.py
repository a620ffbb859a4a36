"""Words of people and rights."""

from flask_babel import lazy_gettext as _l

from portal.identity.rights_words import VERBS

TERMS = {
    "role.agent": _l("Customer service agent"),
    "role.supervisor": _l("Customer service supervisor"),
    "role.handler": _l("Department handler"),
    "role.head": _l("Department head"),
    "role.quality": _l("Quality manager"),
    "role.analyst": _l("Data analyst"),
    "role.commander": _l("Incident commander"),
    "role.watch": _l("Command centre watch"),
    "role.responder": _l("Emergency team"),
    "role.auditor": _l("Auditor"),
    "role.security": _l("Information security officer"),
    "role.admin": _l("Administrator"),
    "role.dispatcher": _l("Circuit dispatcher"),
    "role.management": _l("Management"),
    "held.cases": _l("Open cases"),
    "held.tasks": _l("Open tasks"),
    "held.steps": _l("Open steps of orders"),
    "held.corporate": _l("Group customers, projects and what is due there"),
    "event.PersonAdded": _l("Account opened"),
    "event.PasswordSet": _l("Password replaced"),
    "event.PasswordDropped": _l("The given password ended: signed in with the company account"),
    "event.SecondFactorSet": _l("Second factor set up"),
    "event.SecondFactorDropped": _l("Second factor dropped"),
    "event.SecondFactorMode": _l("Rule of the second factor changed"),
    "event.PersonDisabled": _l("Account disabled"),
    "event.PersonEnabled": _l("Account enabled"),
    "event.RoleGiven": _l("Role given to the account"),
    "event.RoleEnded": _l("Role ended"),
    "event.SkillsSet": _l("Skills changed"),
    "event.PersonMoved": _l("Moved to another department"),
    "event.AbsenceEntered": _l("Absence entered"),
    "event.AbsenceEnded": _l("Absence ended"),
} | {f"verb.{verb}": word for verb, word in VERBS.items()}
REFUSALS = {
    "no_such_person": _l("There is no account %(login)s."),
    "no_such_unit": _l("There is no department %(unit)s."),
    "no_such_role": _l("There is no role %(role)s."),
    "name_missing": _l("A login and a name are needed."),
    "login_taken": _l("The login %(login)s is taken."),
    "password_short": _l("A password needs at least %(least)s characters."),
    "password_common": _l("This password is among the first that attackers try. Choose another."),
    "wrong_sign_in": _l("Login or password is wrong."),
    "held_back": _l("Too many wrong passwords from here. Try again in 15 minutes, or ask an administrator."),
    "company_again": _l(
        "This sign-in took too long, or was begun again in another window. Sign in with the company account once more."
    ),
    "company_away": _l(
        "The company's sign-in service cannot be reached. Try again later, or ask an administrator for a password."
    ),
    "company_stays": _l("The company's sign-in service does not end its own session from here; end it there."),
    "company_refused": _l(
        "The company's sign-in service did not confirm who you are. Try again, or ask an administrator."
    ),
    "company_unknown": _l("There is no open account here for %(login)s. Ask an administrator for one."),
    "directory_away": _l(
        "The company directory cannot be reached, so passwords cannot be checked. Try again later; administrators can"
        " sign in with their password of this portal."
    ),
    "passwords_differ": _l("The two passwords are not the same."),
    "skills_short": _l("At most %(most)s skills of %(longest)s characters each."),
    "own_roles": _l("Nobody changes their own roles or department. Ask another administrator."),
    "role_needs_unit": _l("The role %(role)s is held in one department. Choose the department."),
    "role_held": _l("The role %(role)s is held there already."),
    "last_admin": _l("This is the last administrator. Give somebody else that role first."),
    "own_password_first": _l("Choose a password of your own first."),
    "wrong_code": _l("This is not one of the codes your app shows now. Wait for the next one."),
    "code_missing": _l("Your account has a second factor: write the code from your app."),
    "second_factor_owed": _l("Set up your second factor first."),
    "second_factor_first": _l(
        "This needs a second factor. Set one up under My account, or sign in again with its code; then try again."
    ),
    "password_given": _l("This is the password you were given. Choose another."),
    "no_such_absence": _l("There is no such absence."),
    "absence_ends_before": _l("The end must lie after the beginning."),
    "absence_is_past": _l("This absence would be over already."),
    "absence_overlaps": _l("There is an absence from %(since)s to %(until)s already."),
    "deputy_is_oneself": _l("Somebody else has to stand in."),
    "deputies_in_a_ring": _l(
        "The deputy is away then, and in the end this person would stand in again. Choose another."
    ),
    "choose_deputy": _l("Choose a deputy."),
    "deputy_not_active": _l("%(name)s has no open account."),
    "deputy_lacks_right": _l(
        "%(name)s lacks a right there that the deputy needs: %(right)s. Choose another, or ask an administrator for the"
        " role."
    ),
    "unit_holds_work": _l("%(name)s still holds %(n)s open cases and steps of orders. Hand them over first."),
    "unit_stays": _l("%(name)s cannot be dissolved: it is the top of the tree, or dissolved already."),
    "open_cases_left": _l("%(name)s still holds %(n)s pieces of open work. Hand them over first."),
    "choose_receiver": _l("Choose who takes the open work."),
    "setup_closed": _l("This installation already has its administrator, or the link is not the one that was printed."),
}
