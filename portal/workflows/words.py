"""Words of workflows and of the orders that run on them."""

from portal.workflows import flow_words, ledger_words, order_words

TERMS: dict[str, object] = flow_words.TERMS | order_words.TERMS | ledger_words.TERMS
REFUSALS: dict[str, object] = flow_words.REFUSALS | order_words.REFUSALS | ledger_words.REFUSALS
