"""Forms on which wording and articles are written and reviewed."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from portal.identity import queries as people
from portal.kernel.collation import by_name
from portal.kernel.errors import Invalid, Refused
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import sentence, term, term_codes
from portal.knowledge.rules import LANGUAGES, STEPS


def codes_of(family: str) -> list[str]:
    """The codes of a family of words, such as `channel`."""
    return [code.removeprefix(f"{family}.") for code in term_codes() if code.startswith(f"{family}.")]


class TextForm(Form):
    """What both carry: the key of a new one, and the revision that the writer saw."""

    key = HiddenField()
    seen = HiddenField()
    FIELDS: tuple[str, ...] = ()

    def texts(self) -> dict[str, Any]:
        """The texts by language."""
        return {lang: {name: self[f"{name}_{lang}"].data or "" for name in self.FIELDS} for lang in LANGUAGES}

    def put_texts(self, data: dict[str, Any]) -> None:
        """Shows the texts of a document."""
        for language in LANGUAGES:
            for name in self.FIELDS:
                self[f"{name}_{language}"].data = data[language].get(name, "")


class WordingForm(TextForm):
    """A wording: where it is said, its label and its text in both languages."""

    FIELDS = ("label", "text")
    step = SelectField(_l("Step of the conversation"), validate_choice=False)
    channel = SelectField(_l("Channel"), validate_choice=False)
    label_zh = StringField(_l("Label, Chinese"))
    text_zh = TextAreaField(_l("Text, Chinese"))
    label_en = StringField(_l("Label, English"))
    text_en = TextAreaField(_l("Text, English"))
    off = BooleanField(_l("No longer offered"))

    def offer(self) -> None:
        """Fills the lists in the reader's language."""
        self.step.choices = [(code, term(f"step.{code}")) for code in STEPS]
        self.channel.choices = [("", _("every channel")), *((c, term(f"channel.{c}")) for c in codes_of("channel"))]

    def put(self, data: dict[str, Any]) -> None:
        """Shows a document as it is."""
        self.put_texts(data)
        self.step.data, self.channel.data, self.off.data = data["step"], data["channel"], data["off"]

    def document(self) -> dict[str, Any]:
        """What was typed."""
        channel = self.channel.data or ""
        known = channel if channel in codes_of("channel") else ""
        return self.texts() | {"step": self.step.data or "", "channel": known, "off": bool(self.off.data)}


class ArticleForm(TextForm):
    """An article: its texts, where it belongs, who looks after it and when it is looked at again."""

    FIELDS = ("title", "question", "answer", "keywords")
    request_type = SelectField(_l("Request type"), validate_choice=False)
    category = SelectField(_l("Problem category"), validate_choice=False)
    owner = SelectField(_l("Owner"), validate_choice=False)
    review_on = StringField(_l("To be looked at again on"))
    title_zh = StringField(_l("Title, Chinese"))
    question_zh = TextAreaField(_l("Question, Chinese"))
    answer_zh = TextAreaField(_l("Answer, Chinese"))
    keywords_zh = StringField(_l("Keywords, Chinese"))
    title_en = StringField(_l("Title, English"))
    question_en = TextAreaField(_l("Question, English"))
    answer_en = TextAreaField(_l("Answer, English"))
    keywords_en = StringField(_l("Keywords, English"))
    off = BooleanField(_l("No longer offered"))

    def offer(self) -> None:
        """Fills the lists."""
        for name, family in (("request_type", "type"), ("category", "category")):
            self[name].choices = [(code, term(f"{family}.{code}")) for code in codes_of(family)]
        owners = by_name([(name, number) for number, name in people.names().items() if number], lambda one: one[0])
        self.owner.choices = [("", _("Choose")), *((str(number), name) for name, number in owners)]

    def put(self, data: dict[str, Any]) -> None:
        """Shows a document as it is."""
        self.put_texts(data)
        for name in ("request_type", "category", "review_on", "off"):
            self[name].data = data[name]
        self.owner.data = str(data["owner_id"])

    def document(self) -> dict[str, Any]:
        """What was typed."""
        owner = self.owner.data or ""
        chosen = {name: self[name].data or "" for name in ("request_type", "category")}
        for name, family in (("request_type", "type"), ("category", "category")):
            if chosen[name] not in codes_of(family):
                raise Invalid("choose_category", field=name)
        known = int(owner) if owner.isdigit() and int(owner) in people.names() else 0
        day = _day(self.review_on.data)
        review_on = day.isoformat() if day else ""
        return self.texts() | chosen | {"owner_id": known, "review_on": review_on, "off": bool(self.off.data)}


class WordsForm(Form):
    """A deed with a word about it."""

    why = StringField(_l("Words"))


class ApproveForm(WordsForm):
    """From which day it holds."""

    day = StringField(_l("Holds from"))

    def chosen(self) -> date | None:
        """The day; None for at once. Raises Invalid."""
        if not (self.day.data or "").strip():
            return None
        day = _day(self.day.data)
        if day is None:
            raise Invalid("knowledge_day_unreadable", field="day")
        return day


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def text_form(kind: str, *, empty: bool = False) -> WordingForm | ArticleForm:
    """The form of a kind, its lists filled."""
    made = (WordingForm if kind == "wording" else ArticleForm)(*([None] if empty else []))
    made.offer()
    return made


def show(form: Any, refused: Refused) -> None:
    """Puts a refusal at the field it is about."""
    field = refused.facts.get("field", "")
    target = form[field] if field in form else next(f for f in form if f.type != "HiddenField")
    target.errors = [*target.errors, sentence(refused)]
