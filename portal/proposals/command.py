"""`portal proposals train`: a score learnt from decided cases, in force only if it is not worse."""

import click

from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.proposals import actions, training


@click.group("proposals")
def proposals() -> None:
    """What a text suggests."""


@proposals.command("train")
def train() -> None:
    """Learns a new score; says how it fares on the cases decided last, and whether it is in force now."""
    parts = training.prepared()
    if parts is None:
        raise click.ClickException(f"fewer than {training.LEAST} decided cases: nothing to learn from yet")
    data, outcome = next(made for made in training.trained(*parts) if made)
    with transaction():
        outcome = actions.keep(SYSTEM, clock.now(), data, outcome)
    click.echo(f"learnt from {outcome.learnt} cases, tried on the {outcome.held} decided last")
    for name, count in outcome.after.items():
        click.echo(f"{name:<14}{outcome.before[name]:>5} -> {count:>5} of {outcome.held} right")
    state = "in force" if outcome.live else "not taken into use"
    left_out = ", ".join(outcome.left_out)
    click.echo(f"version {outcome.version}: {state}" + (f"; left out as worse: {left_out}" if left_out else ""))
