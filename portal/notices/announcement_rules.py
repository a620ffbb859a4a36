"""What an internal announcement must be. Pure."""

from datetime import datetime

from portal.kernel.errors import Invalid

LONGEST_TITLE, LONGEST_WORDING = 120, 1000


def checked(title: str, wording: str, begin: datetime, end: datetime, now: datetime) -> tuple[str, str]:
    """Title and wording without blanks around them. Raises Invalid at the field."""
    title, wording = title.strip(), wording.strip()
    for text, name, most in ((title, "title", LONGEST_TITLE), (wording, "wording", LONGEST_WORDING)):
        if len(text) < 2:
            raise Invalid(f"announcement_{name}_missing", field=name)
        if len(text) > most:
            raise Invalid("announcement_too_long", field=name, most=most)
    if end <= begin:
        raise Invalid("announcement_ends_before", field="until")
    if end <= now:
        raise Invalid("announcement_is_past", field="until")
    return title, wording
