"""Forms of flows: one step, the whole, an import, deeds of a version."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField

from portal.clocks.book import calendar_name
from portal.identity.actor import ROLES
from portal.kernel.errors import Invalid, Refused
from portal.kernel.forms import Form
from portal.kernel.i18n import locale, sentence, term
from portal.workflows import flow_lines
from portal.workflows.lint import HOLDERS, KINDS, RESULTS

EVIDENCE = _l("One a line: code | 中文 | English | kind | value=中文/English; … A ? behind the code: may be left out.")


class WordsForm(Form):
    """A deed that needs its reason."""

    why = StringField(_l("Why"))


class ApproveForm(Form):
    """From which day a version holds."""

    day = StringField(_l("Holds from"))
    why = StringField(_l("Words of the review"))

    def chosen(self) -> date:
        """The day. Raises Invalid."""
        try:
            return date.fromisoformat((self.day.data or "").strip())
        except ValueError as error:
            raise Invalid("policy_day_unreadable", field="day") from error


class BringForm(Form):
    """A definition from elsewhere."""

    key = HiddenField()
    text = TextAreaField(_l("YAML text of the definition"))


class WholeForm(Form):
    """What concerns the whole flow."""

    seen = HiddenField()
    name_zh = StringField(_l("Chinese name"))
    name_en = StringField(_l("English name"))
    limit = StringField(_l("Limit of the whole"))
    calendar = SelectField(_l("Calendar"), validate_choice=False)
    clause = StringField(_l("Requirement, [H] = house rule"))
    classes = TextAreaField(_l("Other limits by customer class"), description=_l("One a line: vip = 15wd"))
    first = SelectMultipleField(_l("Begins with"), validate_choice=False)
    fields = TextAreaField(
        _l("Fields of the order"),
        description=_l(
            "One a line: code | 中文 | English | kind | value=中文/English; … A ? behind the code: may be left out."
        ),
    )

    def offer(self, data: Mapping[str, Any], calendars: list[str]) -> None:
        """Fills the lists."""
        self.calendar.choices = [(code, calendar_name(code)) for code in calendars]
        self.first.choices = _steps(data)

    def put(self, data: Mapping[str, Any], seen: int) -> None:
        """Shows the data as they are."""
        self.seen.data = str(seen)
        self.name_zh.data, self.name_en.data = data["name"]["zh"], data["name"]["en"]
        self.limit.data, self.calendar.data, self.clause.data = data["limit"], data["calendar"], data.get("clause", "")
        self.classes.data = flow_lines.classes_text(data.get("classes", {}))
        self.first.data, self.fields.data = list(data["first"]), flow_lines.evidence_text(data.get("fields", ()))

    def made(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with what was typed. Raises Invalid."""
        return dict(data) | {
            "name": _name(self.name_zh, self.name_en), "limit": _typed(self.limit), "calendar": _typed(self.calendar),
            "clause": _typed(self.clause), "first": list(self.first.data or ()),
            "classes": _lines(self.classes, flow_lines.classes), "fields": _lines(self.fields, flow_lines.evidence),
        }  # fmt: skip


class StepForm(Form):
    """One step."""

    seen = HiddenField()
    name_zh = StringField(_l("Chinese name"))
    name_en = StringField(_l("English name"))
    code = StringField(_l("Code of the step"))
    kind = SelectField(_l("Kind of step"), validate_choice=False)
    holder = SelectField(_l("Held by"), validate_choice=False)
    role = SelectField(_l("Asked first"), validate_choice=False)
    share = StringField(_l("Share of the whole, per cent"))
    fixed = StringField(_l("Or a fixed limit"), description=_l("30m, 4h, 2wd or 1w"))
    calendar = SelectField(_l("Calendar of the limit"), validate_choice=False)
    clause = StringField(_l("Requirement, [H] = house rule"))
    next = SelectMultipleField(_l("Then begin"), validate_choice=False)
    waits_for = SelectMultipleField(_l("Waits for"), validate_choice=False)
    outcomes = TextAreaField(
        _l("Ways out of a decision"), description=_l("One a line: code | 中文 | English | steps that begin")
    )
    decided_by = SelectField(_l("Decided by a field"), validate_choice=False)
    evidence = TextAreaField(
        _l("Evidence"),
        description=_l(
            "One a line: code | 中文 | English | kind | value=中文/English; … A ? behind the code: may be left out."
        ),
    )
    returns = TextAreaField(
        _l("May be sent back"), description=_l("One reason a line: step | code of the reason | 中文 | English")
    )
    units = SelectMultipleField(_l("Sheets go to"), validate_choice=False)
    tells = SelectMultipleField(_l("Told when it is done"), validate_choice=False)
    sheet_zh = StringField(_l("Printed sheet, Chinese"))
    sheet_en = StringField(_l("Printed sheet, English"))
    result = SelectField(_l("Result of the end"), validate_choice=False)

    def offer(self, data: Mapping[str, Any], calendars: list[str], units: Mapping[str, str]) -> None:
        """Fills the lists."""
        places = {code: name for code, name in units.items() if code not in HOLDERS}
        self.kind.choices = [(code, term(f"flowkind.{code}")) for code in KINDS]
        self.holder.choices = [("", "–"), *units.items()]
        self.role.choices = [("", _l("anybody who may")), *((code, term(f"role.{code}")) for code in ROLES)]
        self.calendar.choices = [("", _l("the order's own")), *((code, calendar_name(code)) for code in calendars)]
        self.next.choices = self.waits_for.choices = _steps(data)
        fields = [one for one in data.get("fields", ()) if one.get("kind") == "choice"]
        self.decided_by.choices = [("", _l("by whoever holds the step")), *((f["code"], f["code"]) for f in fields)]
        self.units.choices, self.tells.choices = list(places.items()), list(units.items())
        self.result.choices = [("", "–"), *((code, term(f"flowresult.{code}")) for code in RESULTS)]
        for name in (
            "kind",
            "holder",
            "role",
            "calendar",
            "decided_by",
            "next",
            "waits_for",
            "units",
            "tells",
            "result",
        ):
            _keep(self[name])

    def put(self, step: Mapping[str, Any], seen: int) -> None:
        """Shows a step as it is."""
        self.seen.data, limit, sheet = str(seen), step.get("limit", {}), step.get("sheet", {})
        self.name_zh.data, self.name_en.data = step["name"]["zh"], step["name"]["en"]
        self.code.data, self.kind.data = step["code"], step.get("kind", "task")
        for name in ("holder", "role", "decided_by", "result"):
            self[name].data = step.get(name, "")
        self.share.data = str(limit.get("share") or "")
        for name in ("fixed", "calendar", "clause"):
            self[name].data = limit.get(name, "")
        for name in ("next", "waits_for", "units", "tells"):
            self[name].data = list(step.get(name, ()))
        self.outcomes.data = flow_lines.outcomes_text(step.get("outcomes", ()))
        self.evidence.data = flow_lines.evidence_text(step.get("evidence", ()))
        self.returns.data = flow_lines.returns_text(step.get("returns", ()))
        self.sheet_zh.data, self.sheet_en.data = sheet.get("zh", ""), sheet.get("en", "")

    def made(self) -> dict[str, Any]:
        """The step that was typed. Raises Invalid."""
        share = _typed(self.share)
        if share and not (share.isascii() and share.isdigit() and len(share) < 4):
            raise Invalid("flow_share_unreadable", field="share")
        step: dict[str, Any] = {"code": _typed(self.code), "name": _name(self.name_zh, self.name_en)}
        step |= {name: _typed(self[name]) for name in ("kind", "holder", "role", "decided_by", "result")}
        step |= {name: list(self[name].data or ()) for name in ("next", "waits_for", "units", "tells")}
        step["limit"] = {name: _typed(self[name]) for name in ("fixed", "calendar", "clause")} | {
            "share": int(share or 0)
        }
        step["outcomes"] = _lines(self.outcomes, flow_lines.outcomes)
        step["evidence"] = _lines(self.evidence, flow_lines.evidence)
        step["returns"] = _lines(self.returns, flow_lines.returns)
        if _typed(self.sheet_zh) or _typed(self.sheet_en):
            step["sheet"] = _name(self.sheet_zh, self.sheet_en)
        return step


def _steps(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    lang = "en" if locale() == "en" else "zh"
    return [(step["code"], step["name"][lang] or step["code"]) for step in data["steps"]]


def _keep(field: Any) -> None:
    """What is chosen but not there (a department that was dissolved) stays to be seen, and is not lost by saving."""
    chosen = [field.data] if isinstance(field.data, str) else list(field.data or ())
    known = {value for value, _word in field.choices}
    field.choices = [*field.choices, *((value, value) for value in chosen if value and value not in known)]


def _typed(field: Any) -> str:
    return (field.data or "").strip()


def _name(zh: Any, en: Any) -> dict[str, str]:
    return {"zh": _typed(zh)[:80], "en": _typed(en)[:80]}


def _lines(field: Any, read: Callable[[str], Any]) -> Any:
    try:
        return read(field.data or "")
    except flow_lines.Unclear as error:
        raise Invalid("flow_line_unclear", field=field.name, line=error.line) from error


def show(form: Any, refused: Refused) -> None:
    """Puts a refusal at the field it is about."""
    field = refused.facts.get("field", "")
    target = form[field] if field in form else next(iter(form))
    target.errors = [*target.errors, sentence(refused)]
