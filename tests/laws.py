"""How often laws are tried: in full with every test, a fifth as often in the fast run."""

from hypothesis import settings

settings.register_profile("full")
settings.register_profile("fast", max_examples=20)
FEWEST = 10


def tried(examples: int) -> settings:
    """A law's settings: so many examples in the full profile, a fifth of them in the fast one; no deadline."""
    fast = settings.get_current_profile_name() == "fast"
    return settings(max_examples=max(examples // 5, FEWEST) if fast else examples, deadline=None)


def fast(marks: str) -> bool:
    """Whether a run with this `-m` leaves out what is slow."""
    return "not slow" in marks
