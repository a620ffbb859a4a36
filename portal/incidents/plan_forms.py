"""Forms of the plans' editor: one row, in the fields that its part has; deeds of a version; an evaluation."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.identity.actor import ROLES
from portal.incidents import plan_bases
from portal.incidents.forms import ATTENTION, EXTENTS
from portal.incidents.plan_data import Data
from portal.incidents.plan_lint import TASK_KINDS
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form
from portal.kernel.i18n import locale, term

NEEDED = InputRequired(_l("Fill this in."))
NOTHING = SelectChoice("", _l("Not a condition"))
# fields of each part beside code, names and source; the order is the form's
FIELDS: dict[str, tuple[str, ...]] = {
    "task": ("role", "kind", "minutes", "from", "proof_zh", "proof_en"),
    "criterion": ("minutes", "published"),
    "message": ("text_zh", "text_en", "restored"),
    "phone": ("number",),
    "role": ("group_zh", "group_en", "line"),
    "class": (
        "keywords", "force_majeure", "signs_harm", "signs_public", "signs_alike", "signs_amount", "signs_reopened",
    ),
    "grade": (
        "extent", "affected", "core", "lasts", "attention", "linked", "report_minutes", "answer_minutes", "answers",
        "review_days", "review_working_days",
    ),
    "problem": ("affected", "attention", "levels", "grade"),
}  # fmt: skip
LISTS = ("line", "keywords", "levels", "signs_harm", "signs_public")


class WhyForm(Form):
    """A deed that needs its reason."""

    why = StringField(_l("Why"))


class EvaluationForm(Form):
    """What came of the yearly look at a plan."""

    why = StringField(_l("What was looked at and what came of it"))


class RowForm(Form):
    """One row of a draft; fields that its part has not are taken away."""

    seen = HiddenField()
    code = StringField(_l("Code"), [NEEDED, Length(max=40)], description=_l("Small letters, digits, dots and _"))
    zh = StringField(_l("Chinese words"), [NEEDED, Length(max=200)])
    en = StringField(_l("English words"), [NEEDED, Length(max=200)])
    role = SelectField(_l("Role"), validate_choice=False)
    kind = SelectField(_l("Kind"), validate_choice=False)
    minutes = IntegerField(_l("Minutes after the beginning"), [Optional(), NumberRange(0, 100_000)])
    from_ = SelectField(_l("From which grade on"), validate_choice=False)
    proof_zh = StringField(_l("What proves it, in Chinese"), [Optional(), Length(max=200)])
    proof_en = StringField(_l("What proves it, in English"), [Optional(), Length(max=200)])
    published = BooleanField(_l("Only with a published text that says that service is back"))
    text_zh = TextAreaField(_l("Text in Chinese"), [Optional(), Length(max=2000)])
    text_en = TextAreaField(_l("Text in English"), [Optional(), Length(max=2000)])
    restored = BooleanField(_l("This text says that service is back"))
    number = StringField(_l("Number"), [Optional(), Length(max=60)])
    group_zh = StringField(_l("Group it leads, in Chinese"), [Optional(), Length(max=80)])
    group_en = StringField(_l("Group it leads, in English"), [Optional(), Length(max=80)])
    line = StringField(_l("Who is called, in this order (roles of the portal, commas between)"), [Optional()])
    keywords = StringField(_l("Words by which waiting cases are offered (commas between)"), [Optional()])
    force_majeure = BooleanField(_l("May stop the clocks of linked cases (force majeure)"))
    signs_harm = StringField(_l("Signs of a major complaint: words of injury or safety (commas between)"), [Optional()])
    signs_public = StringField(_l("Signs: words of media, regulator, lawsuit (commas between)"), [Optional()])
    signs_alike = IntegerField(_l("Signs: so many alike on one day"), [Optional(), NumberRange(1, 100_000)])
    signs_amount = IntegerField(_l("Signs: amount in dispute, from (CNY)"), [Optional(), NumberRange(1, 1_000_000_000)])
    signs_reopened = IntegerField(_l("Signs: reopened so many times"), [Optional(), NumberRange(1, 100)])
    extent = SelectField(_l("How far it reaches"), choices=[NOTHING, *EXTENTS], validate_choice=False)
    affected = IntegerField(_l("Customers affected, from"), [Optional(), NumberRange(0, 100_000_000)])
    core = BooleanField(_l("The core service is down"))
    lasts = IntegerField(_l("Minutes it will last, from"), [Optional(), NumberRange(0, 1_000_000)])
    attention = SelectField(_l("Public attention"), choices=[NOTHING, *ATTENTION[1:]], validate_choice=False)
    linked = IntegerField(_l("Linked cases, from"), [Optional(), NumberRange(0, 100_000)])
    report_minutes = IntegerField(_l("Situation report every (minutes)"), [Optional(), NumberRange(1, 10_000)])
    answer_minutes = IntegerField(_l("Called people answer within (minutes)"), [Optional(), NumberRange(1, 10_000)])
    answers = IntegerField(_l("How many roles must have answered"), [Optional(), NumberRange(1, 20)])
    review_days = IntegerField(_l("Review due after (days)"), [Optional(), NumberRange(1, 60)])
    review_working_days = IntegerField(_l("Review due after (working days)"), [Optional(), NumberRange(1, 60)])
    levels = StringField(_l("Levels of its cases (commas between)"), [Optional()])
    grade = SelectField(_l("Grade of an incident that matches"), validate_choice=False)
    clause = StringField(_l("Requirement, [H] = house rule"), [Optional(), Length(max=40)])
    clause_line = StringField(_l("Basis of the order of the calls"), [Optional(), Length(max=40)])
    clause_report = StringField(_l("Basis of the situation reports"), [Optional(), Length(max=40)])
    clause_answer = StringField(_l("Basis of the answers"), [Optional(), Length(max=40)])
    clause_review = StringField(_l("Basis of the review"), [Optional(), Length(max=40)])
    clause_minutes = StringField(_l("Basis of the time limit"), [Optional(), Length(max=40)])

    def keep(self, part: str, data: Mapping[str, Any]) -> None:
        """Takes away what this part has not, and fills the lists from the document."""
        wanted = {
            "seen",
            "csrf_token",
            "code",
            "zh",
            "en",
            *(_field(name) for name in (*FIELDS[part], *plan_bases.names(part))),
        }
        for name in [field.name for field in self if field.short_name not in wanted]:
            delattr(self, name)
        grades = [SelectChoice(row["code"], _word(row)) for row in data["grade"]]
        if self.role:
            self.role.choices = [SelectChoice(row["code"], _word(row)) for row in data["role"]]
            self.kind.choices = [SelectChoice(kind, term(f"task_kind.{kind}")) for kind in TASK_KINDS]
            self.from_.choices = grades
        if self.grade:
            self.grade.choices = grades
        if self.line:
            self.line.description = ", ".join(role for role in ROLES if role != "system")

    def put(self, part: str, row: Mapping[str, Any], seen: int) -> None:
        """Shows a row as it is."""
        self.seen.data = str(seen)
        for name in ("code", "zh", "en", *plan_bases.names(part), *FIELDS[part]):
            value = row.get(name)
            field = self._fields[_field(name)]
            field.data = ", ".join(value or ()) if name in LISTS else value

    def made(self, part: str, old: Mapping[str, Any]) -> Data:
        """The row as it was typed; what the form does not know of it stays."""
        made = dict(old)
        for name in ("code", "zh", "en", *plan_bases.names(part), *FIELDS[part]):
            value = self._fields[_field(name)].data
            if name in LISTS:
                value = _listed(name, value or "")
            if isinstance(value, str):
                value = value.strip()
            if value in (None, "", False, []) and name not in ("code", "zh", "en", "clause", "number"):
                made.pop(name, None)
            else:
                made[name] = value if value is not None else ""
        return made


def _field(name: str) -> str:
    return "from_" if name == "from" else name


def _word(row: Mapping[str, Any]) -> str:
    return str(row["en"] if locale() == "en" else row["zh"])


def _listed(name: str, typed: str) -> list[str]:
    """What stands between commas. Raises Invalid for a role that the portal has not."""
    for sign in "，、;；":
        typed = typed.replace(sign, ",")
    found = [part.strip() for part in typed.split(",") if part.strip()]
    unknown = [part for part in found if name == "line" and part not in ROLES]
    if unknown:
        raise Invalid("plan_role_unknown", field="line", role=unknown[0][:40])
    return found
