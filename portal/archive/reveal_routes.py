"""URLs of revealing: the question with its purpose, the one field, and the mask again."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from portal.archive import reveal
from portal.attachments.receiving import sent
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form, SelectField
from portal.kernel.i18n import sentence, term
from portal.kernel.web import is_htmx

bp = Blueprint("reveal", __name__, url_prefix="/reveal")


class RevealForm(Form):
    """What is asked for, and why."""

    of = HiddenField()
    field = HiddenField()
    purpose = SelectField(_l("Purpose"), choices=lambda: [(code, term(f"purpose.{code}")) for code in reveal.PURPOSES])
    words = StringField(_l("What for exactly"), render_kw={"maxlength": 120, "autocomplete": "off"})
    case = StringField(_l("For which case"), render_kw={"maxlength": 20, "autocomplete": "off"})


def _form(of: str, name: str) -> RevealForm:
    form = RevealForm()
    form.of.data, form.field.data = of, name
    if not of.startswith("customer:"):
        del form.case
    return form


@bp.get("")
def ask() -> Any:
    """The question: why. With `mask` the link that leads here, which takes the shown field's place."""
    of, name = request.args.get("of", "")[:40], request.args.get("field", "")[:20]
    found = reveal.field(current_actor(), of, name)
    if is_htmx() and "mask" in request.args:
        return render_template("archive/_reveal_link.html", of=found.of, field=name, key=found.key)
    return _asked(found, _form(found.of, name))


def _asked(found: reveal.Field, form: RevealForm, status: int = 200) -> Response:
    page = "archive/_reveal.html" if is_htmx() else "archive/reveal.html"
    values = {"form": form, "of": found.of, "field": found.field, "key": found.key, "no": found.no}
    return make_response(render_template(page, **values), status)


@bp.post("")
def show() -> Any:
    """The one field, written down first; it covers itself after a minute."""
    actor, now = current_actor(), clock.now()
    of, name = request.form.get("of", "")[:40], request.form.get("field", "")[:20]
    found = reveal.field(actor, of, name)
    form = _form(found.of, name)
    try:
        why = reveal.purpose(form.purpose.data or "", form.words.data or "")
        case_no = reveal.linked(actor, form.case.data or "") if "case" in form else ""
    except Invalid as refused:
        form[refused.facts["field"]].errors = [sentence(refused)]
        return _asked(found, form, 422)
    reveal.note(actor, now, found.no, name, why, case_no)
    page = "archive/_revealed.html" if is_htmx() else "archive/revealed.html"
    answer = make_response(
        render_template(page, found=found, of=found.of, field=name, key=found.key, seconds=reveal.SECONDS)
    )
    answer.headers["X-Revealed"] = "1"
    return answer


@bp.get("/<no>/files/<int:file_id>")
def ask_file(no: str, file_id: int) -> Any:
    """Why a file of a case is to be opened, for those who read no customer's data: nobody can mask a picture."""
    case, row = reveal.file(current_actor(), no, file_id)
    form = _form(f"case:{case.no}", "file")
    return render_template("archive/reveal_file.html", form=form, case=case, row=row)


@bp.post("/<no>/files/<int:file_id>")
def show_file(no: str, file_id: int) -> Any:
    """The file, written down first."""
    actor, now = current_actor(), clock.now()
    case, row = reveal.file(actor, no, file_id)
    form = _form(f"case:{case.no}", "file")
    try:
        why = reveal.purpose(form.purpose.data or "", form.words.data or "")
    except Invalid as refused:
        form[refused.facts["field"]].errors = [sentence(refused)]
        return render_template("archive/reveal_file.html", form=form, case=case, row=row), 422
    reveal.note(actor, now, case.no, f"file {row.id}", why)
    answer = sent(row)
    answer.headers["X-Revealed"] = "1"
    return answer
