"""`portal archive import`: another system's closed cases into their places in time; a trial unless --yes is given."""

from pathlib import Path

import click

from portal.archive import legacy
from portal.archive.legacy_rules import Options
from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.intake.import_command import named, tell
from portal.kernel import clock
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import sentence


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "pairs", multiple=True, required=True, metavar="COLUMN=FIELD", help="What is where.")
@click.option("--default", "defaults", multiple=True, metavar="FIELD=VALUE", help="Filled in, marked assumed.")
@click.option("--value", "values", multiple=True, metavar="FIELD:THEIRS=OURS", help="What a value of theirs means.")
@click.option("--source", default="", help="Name of the source; the file's name when not given.")
@click.option("--delimiter", default=",", help="What separates cells.")
@click.option("--sheet", default="", help="Which sheet of a workbook; the first when not given.")
@click.option("--encoding", default="", help="UTF-8 and GB18030 are recognised by themselves.")
@click.option("--report", "report_path", type=click.Path(path_type=Path), help="For refused rows.")
@click.option("--as", "login", default="", help="The login in whose name the import is noted.")
@click.option("--yes", is_flag=True, help="Take the rows over; without it nothing is written.")
@click.option("--dry-run", is_flag=True, help="Only try, even with --yes.")
def import_archive(
    file: Path,
    pairs: tuple[str, ...],
    defaults: tuple[str, ...],
    values: tuple[str, ...],
    source: str,
    delimiter: str,
    sheet: str,
    encoding: str,
    report_path: Path | None,
    login: str,
    yes: bool,
    dry_run: bool,
) -> None:
    """Takes another system's closed cases over from FILE; a trial unless --yes; nothing comes in twice."""
    try:
        options = Options(
            columns=named(pairs), source=source or file.name, defaults=named(defaults), words=_words(values),
            delimiter=delimiter.replace("\\t", "\t"), encoding=encoding, sheet=sheet,
        )  # fmt: skip
        actor = people.actor_by_login(login) if login else SYSTEM
        report = legacy.run(file, options, actor, clock.now(), dry_run=dry_run or not yes)
    except Refused as refusal:
        raise click.ClickException(sentence(refusal)) from refusal
    tell(report, file, report_path)


def _words(values: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """`field:theirs=ours` triples. Raises Invalid for one without its signs."""
    found = {}
    for key, ours in named(values).items():
        name, sign, theirs = key.partition(":")
        if not sign:
            raise Invalid("import_pair", pair=f"{key}={ours}")
        found[(name.strip(), theirs.strip())] = ours
    return found
