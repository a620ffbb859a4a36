"""`portal`: everything an operator does at a terminal."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.api.command import token
from portal.archive.legacy_command import import_archive
from portal.clocks.due_command import due_command
from portal.clocks.policy_command import policy
from portal.demo import build
from portal.demo.accounts import PASSWORD, one_per_role
from portal.desk.explain_command import explain_command
from portal.factory import create_app
from portal.identity.company import lacking
from portal.intake.import_command import import_cases
from portal.jobs import deliver, loop, prepare, supervise
from portal.jobs import doctor as examination
from portal.jobs.accounts import user
from portal.jobs.verify_command import verify_archive
from portal.kernel import clock, feed, schema
from portal.kernel.company import BadSetting
from portal.kernel.config import Settings
from portal.kernel.db import db
from portal.kernel.errors import Refused
from portal.kernel.i18n import parse_local, sentence, speaking, term
from portal.proposals.command import proposals
from portal.reports.pdf import quarterly_pdf
from portal.workflows.flow_command import flow

ANY_SCHEMA = ("up", "init", "demo", "doctor", "archive")


@contextmanager
def plainly() -> Iterator[None]:
    """Turns refusals into one sentence and exit code 1."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(sentence(refusal)) from refusal
    except prepare.HalfDemo as error:
        raise click.ClickException(
            "The demo was broken off half-way. Empty the data folder, then start again."
        ) from error
    except (BadSetting, schema.WrongSchema, supervise.CannotListen) as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        said = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"The store cannot be used (DATABASE_URL, PORTAL_DATA): {said}") from error


class Portal(click.Group):
    """A group whose commands answer refusals with one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was asked for."""
        with plainly():
            return super().invoke(ctx)


@click.group(cls=Portal, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """The customer response portal 客户响应中心门户. PORTAL_DATA and DATABASE_URL say where its store is."""
    if {"-h", "--help"} & set(sys.argv):
        return
    app = ctx.obj = create_app()
    gc.enable()  # the launcher loads the program without it: nothing of it is rubbish, and looking takes a fifth
    ctx.with_resource(app.app_context())
    ctx.with_resource(speaking("zh_Hans_CN" if os.environ.get("LANG", "").startswith("zh") else "en"))
    if ctx.invoked_subcommand not in ANY_SCHEMA:
        schema.check()


@main.command()
@click.option("--demo", is_flag=True, help="Fill an empty store with the demonstration.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for all networks.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Default: PORT, else 8000. 0 chooses a free one.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each web process.")
@click.option("--cert", type=click.Path(exists=True), help="Certificate chain (PEM), for https.")
@click.option("--key", type=click.Path(exists=True), help="Its private key (PEM).")
@click.pass_obj
def up(
    app: Flask,
    demo: bool,
    host: str,
    port: int | None,
    workers: int,
    threads: int,
    cert: str | None,
    key: str | None,
) -> None:
    """Starts the portal: web and deadline watch; Ctrl-C stops all of it."""
    settings: Settings = app.config["PORTAL"]
    if cert:
        app = create_app(replace(settings, secure=True))
    if lacking():
        raise BadSetting(lacking())
    door = supervise.listen(host, settings.port if port is None else port)
    prepare.make_ready()
    if demo and prepare.is_empty():
        click.echo("Making the demo; this takes a moment. 正在生成演示数据……")
        make_demo(1, clock.now())
    place = door.getsockname()[1]
    lines = _greeting(_address(host, place, bool(cert)))
    feed.feed.stop()  # no thread holds a lock that the forked processes would keep for ever
    db.session.remove()
    db.engine.dispose()
    settings_of_web = supervise.web_settings(door.fileno(), workers=workers, threads=threads, certificate=cert, key=key)
    group = supervise.Group(
        [
            supervise.Child("The web process", lambda: supervise.Web(app, settings_of_web).run()),
            supervise.Child("The deadline watch", lambda: watch_deadlines(app)),
        ],
        lambda words: click.echo(words, err=True),
    )
    prepare.settle()  # what is loaded stays, and is shared by the processes
    here = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    group.run(lambda: supervise.answers(here, place, bool(cert)), lambda: click.echo("\n".join(lines)))
    click.echo("Stopped. 已停止。")


def _address(host: str, port: int, secure: bool) -> str:
    shown = "localhost" if host in ("0.0.0.0", "::", "127.0.0.1") else f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def _greeting(address: str) -> list[str]:
    """What is printed once the portal answers: its address, and the way in."""
    lines = [f"The portal is at {address}/  门户地址如上；Ctrl-C stops it 停止。"]
    if prepare.is_demo():
        lines.append(f"Demo accounts, one a role, all with the password 演示账号，密码均为 {PASSWORD}")
        for one in one_per_role():
            lines.append(f"  {one.login:<16}{term(f'role.{one.role}'):<32}{one.name}")
    elif prepare.nobody_yet():
        lines.append("Nobody has an account yet. Open the first administrator's once, here 首次使用请打开:")
        lines.append(f"  {address}/session/setup/{prepare.setup_token()}")
    return lines


def make_demo(seed: int, as_of: datetime) -> None:
    """Fills the store with the demonstration, as of an instant."""
    prepare.note_demo(made=False)
    build.run(seed, as_of)
    prepare.note_demo(made=True)


@main.command()
def init() -> None:
    """Migrates the store and puts in the reference data."""
    prepare.make_ready()
    click.echo(f"The store is ready, at schema {schema.found()}.")


@main.command()
@click.option("--seed", default=1, show_default=True)
@click.option("--as-of", help="The demo's present, e.g. 2026-11-22T09:00+08:00; now when not given.")
def demo(seed: int, as_of: str | None) -> None:
    """Fills an empty store with the demonstration."""
    try:
        moment = parse_local(as_of) if as_of else clock.now()
    except ValueError as error:
        raise click.BadParameter("not an instant", param_hint="--as-of") from error
    prepare.make_ready()
    if not prepare.is_empty():
        raise click.ClickException("The store is not empty; the demo goes into an empty one only.")
    make_demo(seed, moment)
    click.echo("The demo is ready.")


@main.command()
@click.option("--once", is_flag=True, help="Look once and end.")
@click.pass_obj
def worker(app: Flask, once: bool) -> None:
    """Watches the deadlines and sends notices; `portal up` starts one by itself."""
    if once:
        told = loop.Worker().tick(clock.now())
        click.echo(f"{told} clocks announced, {deliver.deliver(clock.now())} notices sent.")
        return
    prepare.settle()
    watch_deadlines(app)


def watch_deadlines(app: Flask) -> None:
    """Runs the worker until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    loop.run(app, stop)


@main.group()
def report() -> None:
    """Reports as files."""


@report.command("quarterly")
@click.argument("quarter")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def quarterly(quarter: str, lang: str, out: Path) -> None:
    """The quarterly report, e.g. 2026Q3, as PDF."""
    try:
        pdf = quarterly_pdf(quarter, lang, clock.now())
    except OSError as error:
        raise click.ClickException(f"PDF needs pango (libpango-1.0-0, libpangoft2-1.0-0): {error}") from error
    out.write_bytes(pdf)
    click.echo(f"{out}: {len(pdf)} bytes")


@main.command()
def doctor() -> None:
    """Looks whether everything is here and agrees; exit code 1 for a fault."""
    faults = 0
    for finding in examination.examine(clock.now()):
        faults += finding.state == "fault"
        click.echo(f"{finding.state:<6}{finding.name:<13}{finding.words}")
    if faults:
        raise SystemExit(1)


@main.group("clock")
def clocks() -> None:
    """Deadlines computed and explained."""


clocks.add_command(due_command)
clocks.add_command(explain_command)


@main.group()
def archive() -> None:
    """The archive."""


archive.add_command(verify_archive)
archive.add_command(import_archive)
main.add_command(user)
main.add_command(import_cases)
main.add_command(policy)
main.add_command(token)
main.add_command(flow)
main.add_command(proposals)

if __name__ == "__main__":
    main()
