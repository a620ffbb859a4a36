"""By when the customer hears from us, said while the request is still being taken down."""

from datetime import datetime

from portal.cases.rules import CHANNELS
from portal.clocks.foretold import Foretold, foretold
from portal.clocks.rules import Facts
from portal.intake.forms import RequestForm
from portal.intake.rules import spoken_time
from portal.kernel.i18n import local, parse_local
from portal.proposals.rules import Proposal


def ahead(form: RequestForm, proposal: Proposal | None, customer_id: int | None, now: datetime) -> Foretold:
    """The limits of what is typed, by the stricter of the proposed level and the chosen one, as an entry takes it."""
    levels = [one for one in (form.level.data, proposal.level if proposal else "") if one]
    channel = form.channel.data if form.channel.data in CHANNELS else CHANNELS[0]
    kind = form.request_type.data or (proposal.request_type if proposal else "")
    return foretold(
        now, customer_id,
        Facts(
            channel=channel, level=None, proposed_level=min(levels, default=None), urgent=form.urgency.data == "urgent",
            complexity="complex" if form.complexity.data == "complex" else "simple", request_type=kind,
            received=int(min(received(form.received.data or "", now), now).timestamp()),
        ),
    )  # fmt: skip


def received(text: str, now: datetime) -> datetime:
    """When it was received, as typed; now where that cannot be read yet."""
    try:
        return parse_local(spoken_time(text, local(now)))
    except (ValueError, OverflowError):
        return now
