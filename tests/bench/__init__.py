"""Measurements: never part of the test suite, repeated by hand with `make bench` and `make bench-http`."""
