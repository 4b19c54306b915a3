"""The signing itself, by sigstore-python's public names. Runs in the child."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from sigstore import dsse
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

if TYPE_CHECKING:
    from sigstore.sign import Signer


class _Session(NamedTuple):
    stack: ExitStack
    signer: Signer


class Keyless:
    """A certificate from one token, and what is signed with it.

    Args:
        trust_config: Sigstore's client trust configuration, as JSON.
    """

    def __init__(self, trust_config: str) -> None:
        self._context = SigningContext.from_trust_config(ClientTrustConfig.from_json(trust_config))
        self._session: _Session | None = None

    def certify(self, token: str) -> None:
        """Make a key and have the certificate authority bind it to the token's identity."""
        self.forget()
        stack = ExitStack()
        # cache=False would make a new key at every use of it: signature and certificate
        # would then not belong together (sigstore-python 4.5).
        signer = stack.enter_context(self._context.signer(IdentityToken(token), cache=True))
        self._session = _Session(stack, signer)

    def forget(self) -> None:
        """Drop key and certificate."""
        if self._session is not None:
            self._session.stack.close()
            self._session = None

    def sign(self, payload: bytes) -> bytes:
        """Sign a statement's bytes, have it logged, and return the bundle as JSON."""
        if self._session is None:
            raise ValueError("no certificate was asked for yet")
        return self._session.signer.sign_dsse(dsse.Statement(payload)).to_json().encode("utf-8")
