"""Trust as a type: what a bundle proved.

Only ``slsa_gen/evidence/prove.py`` makes a :class:`VerifiedStatement`, and the policy takes
nothing else; mypy and a test see to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.model.attestation import LogEntry
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.verdict import Check


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """A statement, who signed it and when, proved against a trusted root.

    ``proofs`` lists what was proved (signature, certificate, SCT, log entry, time), each a
    passed check. ``source`` is where the evidence was found. ``sandbox`` says that a sandbox
    made it: it proves nothing to anyone else.
    """

    source: str
    statement: Statement
    signer: SignerIdentity
    signed_at: datetime
    log_entries: tuple[LogEntry, ...]
    proofs: tuple[Check, ...]
    bundle: bytes = field(repr=False)
    certificate_not_after: datetime
    sandbox: bool = False
