"""A Sigstore to sign with or to trust: its documents, and whose tokens it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

#: What the sandbox calls itself; ``.invalid`` can never be a real host (RFC 2606).
SANDBOX_ISSUER: Final = "https://token.sandbox.slsa-gen.invalid"
SANDBOX_SERVER: Final = "https://sandbox.slsa-gen.invalid"
GITHUB_SERVER: Final = "https://github.com"
GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"
#: The issuers that ``verify`` expects when no other is named: GitHub's, or the sandbox's.
IMPLIED_ISSUERS: Final = frozenset({GITHUB_ISSUER, SANDBOX_ISSUER})


class InstanceKind(StrEnum):
    """Which Sigstore it is."""

    PUBLIC_GOOD = "public-good"
    STAGING = "staging"
    SANDBOX = "sandbox"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens a Sigstore takes: the ``iss`` claim and where its keys are.

    Either ``jwks`` (a JSON Web Key Set, RFC 7517) is given, or ``jwks_url`` says where to
    fetch it, or ``discovery_url`` says whose ``/.well-known/openid-configuration`` names it.
    """

    issuer: str
    server_url: str
    jwks: bytes | None = field(default=None, repr=False)
    jwks_url: str = ""
    discovery_url: str = ""


@dataclass(frozen=True, slots=True)
class SigstoreInstance:
    """The documents of one Sigstore.

    ``trusted_root`` and ``signing_config`` are JSON as sigstore's protobuf-specs define it;
    a root alone (to verify with) has no signing configuration. ``public_log`` says whether
    what is signed becomes readable by everyone. ``origin`` says, for people, where the root
    came from and how old it is. ``issuer`` is None when only GitHub's own will do.
    """

    name: str
    kind: InstanceKind
    trusted_root: bytes = field(repr=False)
    signing_config: bytes | None = field(default=None, repr=False)
    issuer: Issuer | None = None
    public_log: bool = True
    origin: str = ""

    @property
    def is_sandbox(self) -> bool:
        """Tell whether nothing signed here proves anything to anyone else."""
        return self.kind is InstanceKind.SANDBOX
