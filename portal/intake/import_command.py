"""`portal import`: another system's requests from a CSV file or a spreadsheet (XLSX); a trial unless --yes is given."""

import csv
from collections.abc import Sequence
from pathlib import Path

import click

from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.intake import import_words
from portal.intake.import_rules import Options
from portal.intake.importer import Report, run
from portal.intake.spellings import in_words
from portal.kernel import clock
from portal.kernel.csvs import guarded
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import sentence, term

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map",
    "pairs",
    multiple=True,
    required=True,
    metavar="COLUMN=FIELD",
    help="What is where.",
)
@click.option("--channel", required=True, help="The channel the requests came by, e.g. app.")
@click.option("--customer-prefix", default="", help="Names customers that the file does not name.")
@click.option("--default", "defaults", multiple=True, metavar="FIELD=VALUE", help="Filled in, marked assumed.")
@click.option("--source", default="", help="Name of the source; the file's name when not given.")
@click.option("--delimiter", default=",", help="What separates cells.")
@click.option("--sheet", default="", help="Which sheet of a workbook; the first when not given.")
@click.option("--encoding", default="", help="UTF-8 and GB18030 are recognised by themselves.")
@click.option("--report", "report_path", type=click.Path(path_type=Path), help="For refused rows.")
@click.option("--as", "login", default="", help="The login in whose name the import is noted.")
@click.option("--yes", is_flag=True, help="Bring the rows in; without it nothing is written.")
@click.option("--dry-run", is_flag=True, help="Only try, even with --yes.")
def import_cases(
    file: Path,
    pairs: tuple[str, ...],
    channel: str,
    customer_prefix: str,
    defaults: tuple[str, ...],
    source: str,
    delimiter: str,
    encoding: str,
    sheet: str,
    report_path: Path | None,
    login: str,
    yes: bool,
    dry_run: bool,
) -> None:
    """Brings another system's requests in from FILE; a trial unless --yes; nothing comes in twice."""
    try:
        options = Options(
            columns=named(pairs), channel=channel, customer_prefix=customer_prefix, defaults=named(defaults),
            source=source, delimiter=delimiter.replace("\\t", "\t"), encoding=encoding,
            sheet=sheet,
        )  # fmt: skip
        actor = people.actor_by_login(login) if login else SYSTEM
        report = run(file, options, actor, clock.now(), dry_run=dry_run or not yes)
    except Refused as refusal:
        raise click.ClickException(sentence(refusal)) from refusal
    tell(report, file, report_path)


def tell(report: Report, file: Path, report_path: Path | None) -> None:
    """Says what came of it, and writes the refused rows beside the file, or where it was asked for."""
    for line in lines(report):
        click.echo(line)
    if report.refused:
        listed = report_path or file.with_suffix(".refused.csv")
        write(report, listed)
        click.echo(term("import.report") % {"file": str(listed)})
    if report.dry_run:
        click.echo(term("import.would"))


def named(pairs: Sequence[str]) -> dict[str, str]:
    """`name=value` pairs as a mapping. Raises Invalid for one without a sign of equality."""
    found = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise Invalid("import_pair", pair=pair)
        found[name.strip()] = value.strip()
    return found


def reason(code: str, facts: object) -> str:
    """The sentence of a refused row."""
    if not isinstance(facts, dict):
        return sentence(Invalid(code))
    column = str(facts.get("column", ""))
    said = {"column": term(f"import_field.{column}")} if f"import_field.{column}" in import_words.TERMS else {}
    if "known" in facts:
        said["known"] = in_words(column, str(facts["known"]))
    return sentence(Invalid(code, **(facts | said)))


def lines(report: Report) -> list[str]:
    """The report in words, for the terminal."""
    found = [
        term("import.read") % {"file": report.file, "encoding": report.encoding, "rows": report.rows},
        term("import.would_add" if report.dry_run else "import.added") % {"count": report.added},
    ]
    if report.first_no:
        found.append(term("import.numbers") % {"first": report.first_no, "last": report.last_no})
    if report.incomplete:
        found.append(term("import.incomplete") % {"count": report.incomplete})
    if report.assumed:
        fields = ", ".join(f"{name} ({count})" for name, count in report.assumed.items())
        found.append(term("import.assumed") % {"fields": fields})
    found.append(term("import.already") % {"count": report.already})
    found.append(term("import.refused") % {"count": len(report.refused)})
    for refusal in report.refused[:SHOWN]:
        found.append("  " + term("import.line") % {"line": refusal.line, "reason": reason(refusal.code, refusal.facts)})
    if len(report.refused) > SHOWN:
        found.append("  " + term("import.more") % {"count": len(report.refused) - SHOWN})
    return found


def write(report: Report, path: Path) -> None:
    """Lists the refused rows in a CSV file that spreadsheets open (UTF-8 with BOM)."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(
            [
                term("import.column.line"),
                "code",
                term("import.column.reason"),
                term("import.column.beginning"),
            ]
        )
        for refusal in report.refused:
            words = [reason(refusal.code, refusal.facts), refusal.beginning]
            sheet.writerow([refusal.line, refusal.code, *(guarded(w) for w in words)])
