"""`portal token`: other systems get a token, and lose it."""

import click

from portal.api import actions, queries
from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.kernel.i18n import local, sentence


@click.group("token")
def token() -> None:
    """Tokens of other systems for /api/v1."""


@token.command("add")
@click.argument("name")
@click.option("--figures", is_flag=True, help="It reads figures, and hands nothing in.")
def add(name: str, figures: bool) -> None:
    """Makes a token for the system NAME and shows it, this once."""
    try:
        with transaction():
            secret = actions.add_token(SYSTEM, clock.now(), name, figures=figures)
    except Refused as refusal:
        raise click.ClickException(sentence(refusal)) from refusal
    click.echo(secret)


@token.command("list")
def list_() -> None:
    """Lists the tokens by name, with when they were made and taken back."""
    for row in queries.tokens():
        ended = f"{local(row.revoked_at):%Y-%m-%d %H:%M}" if row.revoked_at else "-"
        click.echo(f"{row.name}\t{local(row.at):%Y-%m-%d %H:%M}\t{ended}")


@token.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Takes the token of the system NAME back: from now on it opens nothing."""
    try:
        with transaction():
            actions.revoke_token(SYSTEM, clock.now(), name)
    except Refused as refusal:
        raise click.ClickException(sentence(refusal)) from refusal
