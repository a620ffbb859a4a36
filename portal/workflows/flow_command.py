"""`portal flow list | lint`: the flows of the store, and what is wrong with a definition in a file."""

from pathlib import Path

import click

from portal.kernel import clock
from portal.kernel.i18n import instant, sentence, term
from portal.workflows import flow_drafts, flow_view, versions, yaml_text
from portal.workflows.lint import errors, lint


@click.group("flow")
def flow() -> None:
    """Workflows."""


@flow.command("list")
def list_() -> None:
    """Says of each flow its versions and since when each holds."""
    for code, rows in versions.flows().items():
        for row in rows:
            since = instant(row.effective_from) if row.state == "effective" else "–"
            click.echo(f"{code:<20} {row.version:>3}  {term(f'policy_state.{row.state}'):<10} {since}")


@flow.command("lint")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint_(file: Path) -> None:
    """Checks a definition in a YAML file against the departments, roles and calendars of this store."""
    try:
        definition = flow_drafts.defined(yaml_text.read(file.read_text(encoding="utf-8")))
    except (yaml_text.Unreadable, UnicodeDecodeError) as error:
        raise click.ClickException(sentence(flow_view.unreadable(error))) from error
    found = lint(definition, versions.known(clock.now()))
    for one in flow_view.findings(definition, found):
        click.echo(f"{one.step or definition.flow:<20} {one.text}")
    wrong = errors(found)
    click.echo(f"{len(definition.steps)} steps, {len(wrong)} errors, {len(found) - len(wrong)} warnings")
    if wrong:
        raise SystemExit(1)
