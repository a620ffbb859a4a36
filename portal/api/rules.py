"""How a token and a sender's own key are kept. Pure."""

import hashlib

from portal.kernel.errors import Invalid

LONGEST_KEY = 200


def digest(secret: str) -> str:
    """How a token is kept: its SHA-256; it is random enough to need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def content(*texts: str) -> str:
    """What was sent under a key, as its SHA-256."""
    return digest("\x1f".join(f"{len(text)}:{text}" for text in texts))


def key_of(token_id: int, key: str) -> str:
    """The sender's own key as the portal keeps it. Raises Invalid for none or a longer one than 200 characters."""
    if not key.strip() or len(key) > LONGEST_KEY:
        raise Invalid("api_key", field="key")
    return "api:" + hashlib.sha256(f"{token_id}\x1f{key}".encode("utf-8", "surrogatepass")).hexdigest()[:40]
