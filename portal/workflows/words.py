"""Words of workflows."""

from portal.workflows import flow_words

TERMS: dict[str, object] = flow_words.TERMS
REFUSALS: dict[str, object] = flow_words.REFUSALS
