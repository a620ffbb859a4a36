"""Work that crosses departments by steps: definitions as data, and the orders that run on them."""
