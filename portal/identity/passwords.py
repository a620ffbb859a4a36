"""Passwords: how they are kept, what is refused."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.kernel.errors import Invalid

SHORTEST = 10
COMMON = frozenset(
    [
        "1234567890",
        "0123456789",
        "qwertyuiop",
        "password123",
        "administrator",
        "1q2w3e4r5t",
        "aaaaaaaaaa",
        "1111111111",
        "0000000000",
    ]
)
_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that no password fits, to compare with where there is no account."""
    return _hasher.hash("nobody has this password")


def check_strength(password: str, login: str) -> None:
    """Raises Invalid for a password that is short, very common, or the login itself (ASVS 6.2)."""
    if len(password) < SHORTEST:
        raise Invalid("password_short", field="password", least=SHORTEST)
    if password.lower() in COMMON or password.lower() == login.lower():
        raise Invalid("password_common", field="password")


def hashed(password: str) -> str:
    """The Argon2id hash to store."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown account (None) as for a known one."""
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
