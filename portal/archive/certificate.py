"""The certificate of a disposal, on A4: which records went when, by whose word, and the sum over all of it."""

from flask import current_app

from portal.archive.disposals import items
from portal.archive.keeping_models import Disposal
from portal.identity import queries as people
from portal.journal import anchors, seals
from portal.kernel import paper
from portal.kernel.errors import Refused


def pdf(batch: Disposal, lang: str) -> bytes:
    """The certificate as PDF; it names no customer. Raises Refused while the batch is not done."""
    if batch.state != "done" or batch.done_at is None:
        raise Refused("disposal_not_done")
    seal = seals.newest_at(int(batch.done_at.timestamp()))
    page = current_app.jinja_env.get_template("print/disposal.html").render(
        batch=batch, items=items(batch.id), names=people.names(), lang="en" if lang == "en" else "zh-Hans",
        seal=anchors.short(seal) if seal else "",
    )  # fmt: skip
    return paper.laid_out(page, "sheet.css")
