"""A signer and a prover for the seams of the first pipeline: no keys, no processes, no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.model.evidence import Evidence
from slsa_gen.reasons import Reason
from tests.support.values import proved, signer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.verified import VerifiedStatement


@dataclass(frozen=True)
class Signed:
    """A bundle, and how many entries the log may hold beyond it."""

    bundle: bytes
    extra_entries: int = 0


@dataclass
class Services:
    """Signs, and proves what it signed; each answer may be changed by a test.

    Attributes:
        signer: Whose certificate it is.
        extra: Entries that the log holds beyond each bundle's.
        change: Changes what a bundle proves.
        known: What each signed bundle proves.
        refuse: Whether nothing is proved any more.
        signed: How many statements were signed.
    """

    signer: SignerIdentity = field(default_factory=signer_of)
    extra: int = 0
    change: Callable[[VerifiedStatement], VerifiedStatement] = lambda v: v
    known: dict[bytes, VerifiedStatement] = field(default_factory=dict)
    refuse: bool = False
    signed: int = 0

    def sign(self, statement: Statement, /) -> Signed:
        """Return a bundle for a statement."""
        self.signed += 1
        verified = proved(statement, self.signer, index=len(self.known))
        self.known[verified.bundle] = verified
        return Signed(verified.bundle, self.extra)

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what a bundle proves that was signed here; refuse any other."""
        if self.refuse or evidence.bundle not in self.known:
            raise UntrustedSignatureError("the signature does not hold", reason=Reason.LOG_SET)
        return self.change(self.known[evidence.bundle])

    def read(self, data: bytes, source: str, _limits: Limits, /) -> Sequence[Evidence]:
        """Return the bundles of a file, one a line."""
        return [Evidence(source, line) for line in data.splitlines()]
