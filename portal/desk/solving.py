"""First contact: the case is answered with an article, the customer says whether that solves it, and it is closed."""

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.cases.rules import CAUSES
from portal.collaboration import actions as together
from portal.desk.case_forms import CHOICE, CHOOSE, NEEDED, DeedForm, means_field, rating_choices, words_field
from portal.desk.deed import Deed
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake.forms import choices
from portal.kernel import clock
from portal.kernel.errors import Invalid, Refused
from portal.kernel.forms import RadioField, SelectField
from portal.knowledge import actions as knowledge
from portal.knowledge import queries
from portal.knowledge.offers import language
from portal.knowledge.queries import Held
from portal.knowledge.rules import in_language
from portal.satisfaction import actions as satisfaction

STATES = frozenset(("to_accept", "in_work"))


class SolveForm(DeedForm):
    """The article's answer as it was told, its cause, and the customer's own words on it."""

    article = StringField(_l("Number of the article"), [NEEDED, Length(max=20)])
    text = words_field(_l("What was told to the customer"))
    cause_category = SelectField(_l("Kind of cause"), [CHOOSE], choices=lambda: choices("cause", CAUSES, CHOICE))
    cause = StringField(_l("Cause"), [NEEDED, Length(max=1000)])
    means = means_field()
    verdict = RadioField(
        _l("What did the customer say?"), [CHOOSE],
        choices=lambda: choices("verdict", ("satisfied", "accepts", "not_satisfied")),
    )  # fmt: skip
    words = words_field(_l("In the customer's words"))
    overall = RadioField(
        _l("Overall satisfaction, 1 to 5"), choices=rating_choices, validate_choice=False,
    )  # fmt: skip


def solve(
    actor: Actor, now: datetime, case: Case, article: Held, *, text: str, cause_category: str, cause: str, means: str,
    verdict: str, words: str, overall: int | None,
) -> None:  # fmt: skip
    """Result, telling and the customer's word in one; a customer who is not satisfied keeps the case open (SL11)."""
    allow(actor, "case.close", case)
    if case.level and (case.state not in STATES or case.round > 1 or case.cycle > 1):
        raise Refused("not_first_contact", no=case.no)
    if case.state == "to_accept" and not case.owner_id:
        together.claim(actor, now, case)
    cases.write_result(actor, now, case, text=text, cause_category=cause_category, cause=cause)
    cases.tell(actor, now, case, means=means, words=text)
    cases.confirm(actor, now, case, verdict=verdict, means=means, words=words)
    solved = verdict != "not_satisfied"
    if solved:
        satisfaction.rate(actor, now, case, overall=overall, means=means)
        cases.close(actor, now, case, outcome="confirmed")
    knowledge.count_use(
        actor, now, "article", [(article.code, article.version)], case_id=case.id, entry=case.version, deed="solve",
        solved=solved,
    )  # fmt: skip


def _act(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    article = queries.article(form.article.data, now)
    if article is None:
        raise Invalid("no_such_article", field="article")
    given = form.overall.data
    if given not in (*"12345", "none") and form.verdict.data != "not_satisfied":
        raise Invalid("rating_range", field="overall")
    solve(
        actor, now, case, article, text=form.text.data, cause_category=form.cause_category.data, cause=form.cause.data,
        means=form.means.data, verdict=form.verdict.data, words=form.words.data,
        overall=int(given) if given in tuple("12345") else None,
    )  # fmt: skip


DEEDS = {
    "solve": Deed(
        "case.close", SolveForm, _act, STATES, "", "book",
        lambda c: bool(c.level) and c.round == 1 and c.cycle == 1,
    )
}  # fmt: skip


def text_of(case: Case) -> str:
    """What articles are looked for by."""
    return f"{case.title}\n{case.description}\n{case.symptom}"


def fill(form: Any, case: Case) -> None:
    """The article that was chosen, or the one that fits best, with its answer ready to be told."""
    if not isinstance(form, SolveForm) or form.is_submitted():
        return
    now, wanted = clock.now(), request.args.get("article", "")
    found = [queries.article(wanted, now)] if wanted else queries.fitting_articles(text_of(case), now, 1)
    for article in filter(None, found):
        said = in_language(article.data, language())
        form.article.data, form.text.data, form.cause.data = article.code, said["answer"], said["title"]
