"""Words of one's own figures, of objections and their answers."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "notice.objected": _l("An objection to a missed limit"),
    "notice.objection_answered": _l("Your objection was answered"),
    "event.FiguresRead": _l("Own figures read"),
    "event.Objected": _l("Objection to a missed limit"),
    "event.ObjectionAnswered": _l("Objection answered"),
}
REFUSALS = {
    "objection_words": _l("Say it in %(least)s to %(most)s characters. Nothing was sent."),
    "objection_how": _l("Choose whether the objection is accepted."),
    "objection_answered": _l("This objection has been answered."),
    "limit_not_missed": _l("This limit was not missed."),
}
