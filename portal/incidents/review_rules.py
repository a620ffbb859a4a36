"""Rules of the review and of the measures that come from it (EM8). Pure."""

from datetime import datetime
from typing import Any

from portal.incidents import review_events as e
from portal.incidents.rules import ahead, require
from portal.kernel.errors import Forbidden, Invalid, Refused

DAY = 86_400


def written(
    incident: Any, *, cause: str, losses: str, worked: str, lessons: str, entries: tuple[int, ...], finished: bool
) -> e.ReviewWritten:
    """The review; it can be saved in parts, a finished one has its cause, losses and lessons and is not changed."""
    after(incident)
    if incident.reviewed_at:
        raise Refused("review_finished")
    if finished:
        for field, words in (("cause", cause), ("losses", losses), ("lessons", lessons)):
            require(words, field)
    return e.ReviewWritten(cause.strip(), losses.strip(), worked.strip(), lessons.strip(), entries, finished)


def after(incident: Any) -> None:
    """Raises Refused unless the incident was handled and has ended."""
    if incident.outcome != "ended":
        raise Refused("not_ended", no=incident.no)


def added(
    incident: Any, now: datetime, *, text: str, owner_id: int, owner: str, due: datetime, retest: datetime
) -> e.MeasureAdded:
    """A measure; it is tested again after it is due."""
    after(incident)
    n = max((m.n for m in incident.measures), default=0) + 1
    until, again = ahead(due, now, "due"), ahead(retest, now, "retest")
    if again <= until:
        raise Invalid("retest_after_due", field="retest")
    return e.MeasureAdded(n, require(text, "text"), owner_id, owner, until, again)


def measure(incident: Any, n: int, state: str) -> Any:
    """The measure with this number, in this state. Raises Invalid, Refused."""
    found = next((m for m in incident.measures if m.n == n), None)
    if found is None:
        raise Invalid("no_such_measure", field="measure")
    if found.state != state:
        raise Refused("measure_elsewhere", state=f"term:measure.{found.state}")
    return found


def verified(incident: Any, n: int, *, person_id: int, person: str, accepted: bool, words: str) -> e.MeasureVerified:
    """What another person than the owner, and than who said it was done, found when looking at the proof."""
    found = measure(incident, n, "done")
    if person_id in (found.owner_id, found.done_by):
        raise Forbidden("verify_own", name=person)
    return e.MeasureVerified(n, accepted, require(words, "words"), person)


def tested(incident: Any, n: int, *, held: bool, words: str) -> e.MeasureTested:
    """Whether a verified measure held."""
    return e.MeasureTested(measure(incident, n, "verified").n, held, require(words, "words"))
