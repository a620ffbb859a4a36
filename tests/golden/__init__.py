"""Deadlines counted by hand, and a walker that counts them again its own slow way."""
