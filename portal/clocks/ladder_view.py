"""The escalation ladder in words, as the paper table says it: when, who, how long an answer is awaited, quiet hours."""

from portal.clocks.ladder import Step
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import span, term


def role(name: str) -> str:
    """Who is told: the assignee, or a role."""
    return term("ladder.owner" if name == "owner" else f"role.{name}")


def per_cent(share: float) -> str:
    """A share as people write it: `25`, `12.5`."""
    return f"{share * 100:.4f}".rstrip("0").rstrip(".")


def when(step: Step, level: str = "") -> str:
    """When a step falls, for a level where that matters."""
    if step.at != "after":
        return term(f"ladder.{step.at}")
    if level in step.minutes:
        return _("%(span)s after due", span=span(step.minutes[level] * 60))
    return _("%(n)s %% of the limit after due", n=per_cent(step.share))
