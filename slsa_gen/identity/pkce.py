"""What ties an answer to its question: random texts that only this process knows.

RFC 7636 (the code's proof), RFC 6749, section 10.12 (state), OpenID Connect Core 1.0,
section 3.1.2.1 (nonce).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

#: Bytes of randomness in each; RFC 7636 recommends so many for the verifier.
_BYTES: Final = 32


def _random() -> str:
    return _base64url(secrets.token_bytes(_BYTES))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True)
class Question:
    """One attempt to sign in; all of it is a secret until it is answered."""

    state: str = field(default_factory=_random, repr=False)
    nonce: str = field(default_factory=_random, repr=False)
    verifier: str = field(default_factory=_random, repr=False)

    @property
    def challenge(self) -> str:
        """Return the verifier's SHA-256 in base64url (method S256)."""
        return _base64url(hashlib.sha256(self.verifier.encode("ascii")).digest())
