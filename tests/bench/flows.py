"""How long the linter takes for a definition of 60 steps with twelve decisions: 4,096 ways."""

import time

from portal.workflows.lint import lint
from tests.workflows.test_lint import large

NAME = "lint a 60-step definition, milliseconds"


def measure(results: dict[str, float]) -> None:
    """The best of twenty runs, CPU time of this thread."""
    definition, spans = large(12), []
    for _ in range(20):
        start = time.thread_time()
        lint(definition)
        spans.append(time.thread_time() - start)
    results[NAME] = min(spans) * 1e3
