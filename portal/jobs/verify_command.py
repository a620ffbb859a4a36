"""`portal archive verify`: whether anything of the record was altered, with an exit code a script can go by."""

import json
from pathlib import Path
from typing import Any, NoReturn

import click
from sqlalchemy.exc import DBAPIError

from portal.attachments.holding import losses
from portal.jobs import verify
from portal.journal import anchors
from portal.journal.anchors import NoAnchors
from portal.journal.proof import CLEAN, TAMPERED, Fault, NoSuchSeal, Verification
from portal.kernel import clock, schema
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import span, term
from portal.kernel.instants import epoch

CANNOT = 3


@click.command("verify")
@click.option("--since", default=0, show_default=True, help="Look at what came behind this seal only.")
@click.option("--anchors", "file", type=click.Path(path_type=Path), help="Default: PORTAL_ANCHORS.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def verify_archive(since: int, file: Path | None, as_json: bool) -> None:
    """Checks every journal, seal, anchor and attachment; with --since the new ones alone.

    Exit codes: 0 clean and anchored, 1 altered, 2 clean with a tail that should be anchored by now, 3 cannot run.
    """
    place = file or (anchors.place() if anchors.place().exists() else None)
    run = Verification(epoch(clock.now()), since, place)
    try:
        schema.check()
        for _step in verify.whole(run):
            pass
        lost = losses(None)[1] if not since else []
    except NoSuchSeal:
        _cannot(_("There is no seal %(number)s.", number=since), as_json)
    except NoAnchors:
        _cannot(_("%(file)s holds no anchors.", file=str(place)), as_json)
    except OSError as error:
        _cannot(_("The anchors cannot be read: %(error)s", error=str(error)), as_json)
    except (DBAPIError, schema.WrongSchema) as error:
        _cannot(_("The store cannot be read: %(error)s", error=str(error).splitlines()[0]), as_json)
    for loss in lost:
        run.fault("file", f"case:{loss.case_id} {loss.name} ({loss.state})")
    click.echo(json.dumps(run.facts(), ensure_ascii=False) if as_json else "\n".join(told(run)))
    raise SystemExit(run.code)


def told(run: Verification) -> list[str]:
    """The result in sentences, faults first."""
    found = [named(fault) for fault in run.faults]
    if run.found > len(run.faults):
        found.append(_("… and %(n)s more.", n=run.found - len(run.faults)))
    found.append(
        _("%(entries)s entries and %(seals)s seals looked at, %(erased)s bodies erased; anchored up to seal"
          " %(anchored)s.", entries=run.entries, seals=run.seals, erased=run.erased, anchored=run.anchored or "–")
    )  # fmt: skip
    if run.tail:
        found.append(
            _("%(n)s entries are newer than the last anchor, the oldest of them for %(span)s: that they are all there"
              " cannot be proven.", n=run.tail, span=span(run.tail_seconds))
        )  # fmt: skip
    last = {CLEAN: _("Every journal holds."), TAMPERED: _("The record was ALTERED.")}
    found.append(last.get(run.code, _("Every journal holds, but the newest entries should be anchored by now.")))
    return found


def named(fault: Fault) -> str:
    """One fault: what, where, under which seal."""
    where = [fault.stream] if fault.stream else []
    where += [_("entry %(n)s", n=fault.entry)] if fault.entry else []
    where += [_("seal %(n)s", n=fault.seal)] if fault.seal else []
    return _("ALTERED %(where)s: %(what)s", where=", ".join(where), what=term(f"proof.{fault.what}"))


def _cannot(words: Any, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"code": CANNOT, "error": str(words)}, ensure_ascii=False))
    else:
        click.echo(_("Cannot verify: %(words)s", words=words), err=True)
    raise SystemExit(CANNOT)
