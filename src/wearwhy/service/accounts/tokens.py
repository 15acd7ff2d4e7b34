"""Secrets that the service makes: 256 random bits each, kept as SHA-256 digests.

A digest without salt or work factor is enough for them, and can be looked up: unlike a password,
a random token cannot be guessed from its digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final

KEY: Final = "ww_"
"""What an API key starts with, so that scanners for leaked secrets can tell one."""
_BYTES: Final = 32
_MOST: Final = 200


def new_token(prefix: str = "") -> str:
    """Return a new secret in letters, digits, `-` and `_`, after a prefix."""
    return prefix + secrets.token_urlsafe(_BYTES)


def new_id(kind: str) -> str:
    """Return a new name for a record: random, so that it tells nothing and is never used again."""
    return f"{kind}_{secrets.token_hex(8)}"


def digest(token: str) -> bytes:
    """Return what is kept of a secret; of one longer than any of ours, that of the empty text."""
    said = token if len(token) <= _MOST else ""
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).digest()


def csrf_of(session: str) -> str:
    """Return the token that forms of a session carry; nobody can make it without the cookie."""
    made = hmac.new(session.encode("utf-8", "surrogateescape"), b"wearwhy csrf", hashlib.sha256)
    return urlsafe_b64encode(made.digest()).rstrip(b"=").decode("ascii")


def same(one: str, other: str) -> bool:
    """Return whether two secrets are the same, in a time that does not say where they differ."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape")
    )
