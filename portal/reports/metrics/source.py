"""Where a count comes from: counted anew from the rows."""

from collections.abc import Mapping
from typing import Any

from portal.reports.metrics.counting import Counts, count
from portal.reports.rules import Span


def counts(span: Span, want: Mapping[str, Any] | None = None) -> Counts:
    """The count of a period, good for figures of these filters."""
    return count(span)
