"""Words of the room: codes of orders, and what is refused about them."""

from portal.workflows import order_words

TERMS = order_words.TERMS
REFUSALS = order_words.REFUSALS
