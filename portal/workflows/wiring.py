"""What orders hook into: the number in the navigation, documents that are still needed, how large a form may be."""

from flask import Flask

from portal import shell
from portal.attachments import holding
from portal.identity import leaving
from portal.identity.actor import Actor
from portal.kernel import clock, feed
from portal.workflows import leaving_actions, order_list, queries
from portal.workflows.record import ALL

FORMS = ("orders.do_step", "raising.send")
AT_ONCE = 4  # full-sized documents in one form
BESIDE = 4  # MB for what else a form carries


def waiting(actor: Actor) -> tuple[int, int]:
    """Open steps of the actor's departments, read again when orders move or a minute has passed."""
    minute = clock.millis() // 60_000
    key = f"orders.open {sorted(actor.unit_ids)} {actor.id}"
    return shell.kept(key, (feed.version(ALL), minute), lambda: order_list.waiting(actor, minute * 60))  # type: ignore[no-any-return]


def wire(app: Flask) -> None:
    """Hooks the room in."""
    holding.also(queries.used)
    leaving.hook(leaving_actions.STEPS)
    leaving.hook_unit(leaving_actions.UNIT_STEPS)
    shell.count("orders.index", waiting)
    settings = app.config["PORTAL"]
    most = (settings.file_mb * AT_ONCE + BESIDE) * 1024 * 1024
    app.config["LARGE_POSTS"] = app.config.get("LARGE_POSTS", {}) | dict.fromkeys(FORMS, most)
