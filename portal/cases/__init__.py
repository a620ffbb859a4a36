"""The case: its events, its row, its clocks."""
