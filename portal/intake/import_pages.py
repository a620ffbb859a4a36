"""Pages that bring another system's cases in: the file, its columns, a trial, how far it is, what was refused."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.cases.rules import CHANNELS
from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.intake import import_actions as actions
from portal.intake import import_queries as queries
from portal.intake import import_rules as rules
from portal.intake.import_command import reason
from portal.intake.import_rules import Options
from portal.intake.models import ImportRun
from portal.intake.tables import first_rows
from portal.kernel import clock, csvs
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Invalid, Refused
from portal.kernel.i18n import sentence, term
from portal.kernel.web import is_htmx

imports = Blueprint("imports", __name__, url_prefix="/imports")
PREVIEW = 20
SHOWN = 100


@imports.get("")
def index() -> Any:
    """The imports so far, and where a file is taken."""
    return _index()


def _index(wrong: str = "", status: int = 200) -> Response:
    found, names = queries.runs(current_actor()), people.names()
    return make_response(render_template("intake/imports.html", runs=found, names=names, wrong=wrong), status)


@imports.post("")
def take_file() -> Any:
    """Takes a CSV file or a workbook; its columns are mapped next."""
    actor, now, upload = current_actor(), clock.now(), request.files.get("file")
    allow(actor, "case.import")
    if upload is None or not upload.filename:
        return _index(sentence(Invalid("import_no_file")), 422)
    try:
        with upload.stream as stream:
            read = actions.read_in(actor, stream)
        with transaction():
            run = actions.take_file(actor, now, read, upload.filename)
    except (Invalid, Busy) as refused:
        facts = {"name": upload.filename, **refused.facts}
        return _index(sentence(type(refused)(refused.code, **facts)), refused.status)
    return redirect(url_for("imports.one", run_id=run.id), 303)


@imports.get("/<int:run_id>")
def one(run_id: int) -> Any:
    """One import: its columns and first rows until it is tried, then how far it is and what was refused."""
    run = queries.run_by_id(current_actor(), run_id)
    if is_htmx():
        return render_template("intake/_import_progress.html", **_progress(run))
    return _page(run)


def _progress(run: ImportRun) -> dict[str, Any]:
    refused = [(one.line, reason(one.code, one.facts), one.beginning) for one in queries.refusals(run, SHOWN)]
    fault = sentence(Invalid(run.fault["code"], **run.fault["facts"])) if run.fault else ""
    span = (run.ended_at - run.begun_at).total_seconds() if run.ended_at and run.begun_at else 0
    return {"run": run, "refused": refused, "fault": fault, "busy": run.state in ("waiting", "running"), "span": span}


def _page(run: ImportRun, wrong: str = "", status: int = 200, typed: Any = None) -> Response:
    options = typed or queries.options_of(run.options)
    rows = _preview(run)
    chosen = {name: column for column, name in options.columns.items()}
    facts = {
        "options": options,
        "chosen": chosen,
        "rows": rows,
        "sheets": run.options.get("sheets", []),
        "fields": rules.FIELDS,
        "channels": CHANNELS,
    }
    return make_response(render_template("intake/import.html", wrong=wrong, **facts, **_progress(run)), status)


def _preview(run: ImportRun) -> list[tuple[str, ...]]:
    """The first rows of the file; none when it is kept no longer."""
    how = run.options
    try:
        return first_rows(run.sha256, how["encoding"], how["delimiter"], how.get("sheet", ""), PREVIEW)
    except Invalid:
        return []


@imports.post("/<int:run_id>/sheet")
def choose_sheet(run_id: int) -> Any:
    """Takes another sheet of the workbook."""
    actor, sheet = current_actor(), request.form.get("sheet", "")
    run = queries.run_by_id(actor, run_id)
    try:
        names = actions.names_of(actor, run, sheet)
        with transaction():
            actions.choose_sheet(actor, queries.run_by_id(actor, run_id, change=True), sheet, names)
    except Invalid as refused:
        return _page(run, sentence(refused), 422)
    return redirect(url_for("imports.one", run_id=run_id), 303)


@imports.post("/<int:run_id>/map")
def map_columns(run_id: int) -> Any:
    """Keeps what is where and asks for a trial; a mapping that fits no file comes back with everything typed."""
    actor = current_actor()
    run = queries.run_by_id(actor, run_id)
    typed = _typed(run)
    try:
        with transaction():
            actions.map_columns(actor, queries.run_by_id(actor, run_id, change=True), typed)
    except Invalid as refused:
        return _page(queries.run_by_id(actor, run_id), sentence(refused), 422, typed)
    return redirect(url_for("imports.one", run_id=run_id), 303)


def _typed(run: ImportRun) -> Options:
    """What the form says; a column given to two fields counts for the first of them."""
    form = request.form
    pairs = [(form.get(f"column-{name}", ""), name) for name in rules.FIELDS]
    return Options(
        columns={column: name for column, name in reversed(pairs) if column},
        channel=form.get("channel", ""), customer_prefix=form.get("customer_prefix", "").strip()[:40],
        defaults={n: form[f"default-{n}"].strip() for n in rules.FIELDS if form.get(f"default-{n}", "").strip()},
        source=form.get("source", "").strip()[:80] or run.name[:80],
        delimiter=run.options["delimiter"], encoding=run.options["encoding"],
        sheet=run.options.get("sheet", ""),
    )  # fmt: skip


@imports.post("/<int:run_id>/run")
def bring_in(run_id: int) -> Any:
    """After the trial: the rows are brought in by the worker."""
    actor = current_actor()
    try:
        with transaction():
            actions.bring_in(actor, queries.run_by_id(actor, run_id, change=True))
    except Refused as refused:
        if refused.status != 409:
            raise
        return _page(queries.run_by_id(actor, run_id), sentence(refused), 409)
    return redirect(url_for("imports.one", run_id=run_id), 303)


@imports.get("/<int:run_id>/refused.csv")
def refused_rows(run_id: int) -> Any:
    """The refused rows with their reasons, as a CSV file that spreadsheets open."""
    run = queries.run_by_id(current_actor(), run_id)
    heads = [term(f"import.column.{name}") for name in ("line", "reason", "beginning")]
    rows = ((row.line, reason(row.code, row.facts), row.beginning) for row in queries.refusals(run))
    answer = Response(csvs.text([heads, *rows]), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="refused-{run.id}.csv"'
    return answer
