"""The second factor: six digits that an app on the telephone shows (RFC 6238, SHA-1, 30 seconds). Pure."""

import base64
import hashlib
import hmac
import struct
from urllib.parse import quote

from portal.identity.actor import ROLES

STEP = 30  # seconds a code is shown
DIGITS = 6
LEEWAY = (-1, 0, 1)  # steps by which a telephone's clock may be off (RFC 6238, 5.2)
PENDING = 300  # seconds [H]: how long the password of a sign-in is believed while its code is awaited
MODES = ("offered", "required")
# SE2: RO5 to RO12; the roles that answer customers confirm themselves before reveals and exports alone
OWED_BY = frozenset(ROLES) - {"agent", "supervisor", "handler", "head"}
CONFIRMED = frozenset(("customer.reveal", "archive.export", "order.export"))  # verbs that ask for it


def secret_of(key: bytes, person_id: int, nonce: str) -> bytes:
    """The 20 bytes that telephone and portal share: made of the installation's key, so the store alone tells none."""
    return hmac.new(key, f"second factor {person_id} {nonce}".encode(), hashlib.sha1).digest()


def spelled(secret: bytes) -> str:
    """The secret as it is typed into an app: base32 in groups of four."""
    plain = base64.b32encode(secret).decode()
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def address(secret: bytes, login: str, issuer: str) -> str:
    """What the square says to the app."""
    who = f"{quote(issuer)}:{quote(login)}"
    return f"otpauth://totp/{who}?secret={base64.b32encode(secret).decode()}&issuer={quote(issuer)}"


def code(secret: bytes, step: int) -> str:
    """The digits of one step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    number: int = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, typed: str, now: int, last: int) -> int | None:
    """The step whose code was typed, later than the `last` one that was used; None: none of the present ones."""
    said = "".join(typed.split())
    if len(said) != DIGITS or not (said.isascii() and said.isdigit()):
        return None
    for step in (now // STEP + off for off in LEEWAY):
        if step > last and hmac.compare_digest(code(secret, step), said):
            return step
    return None


def standing(mode: str | None, roles: frozenset[str], *, confirmed: bool) -> str:
    """What a session lacks: nothing, `owed` (nothing else before it), or `open` (asked for at reveals and exports)."""
    if mode != "required" or confirmed:
        return ""
    return "owed" if roles & OWED_BY else "open"
