"""Which level the grounds of a judgement propose: reach times urgency, possible harm raises by one (SL5). Pure."""

from portal.cases.rules import IMPACTS, LEVELS, URGENCIES

# [H] a house rule: SL5 names the grounds and what harm does, not the table; rows reach, columns urgency high to low
TABLE = {
    "wide": ("P1", "P2", "P2"),
    "part": ("P2", "P2", "P3"),
    "single": ("P3", "P3", "P4"),
}


def proposed(impact: str, urgency: str, harm: bool) -> str:
    """The level that these grounds propose; empty until reach and urgency are both chosen."""
    if impact not in IMPACTS or urgency not in URGENCIES:
        return ""
    plain = TABLE[impact][URGENCIES.index(urgency)]
    return LEVELS[max(LEVELS.index(plain) - 1, 0)] if harm else plain
