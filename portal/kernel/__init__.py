"""Ground floor: time, store, errors, web, words. Knows no capability."""
