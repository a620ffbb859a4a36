"""The administrator's pages about people."""

from flask import Blueprint


def register(bp: Blueprint) -> None:
    """Adds the pages to the room's URLs."""
