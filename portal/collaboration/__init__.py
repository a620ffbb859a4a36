"""Passing work on: claim, transfer, chase, pause, promise."""
