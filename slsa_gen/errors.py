"""The tree of errors. Imports nothing but the list of reason codes.

::

    SlsaGenError                  exit 3  could not be done or decided
    ├── UsageError                exit 2  options, inputs, policy file
    ├── SubjectError              exit 2  missing, empty, ambiguous
    │   └── SubjectUnreadableError exit 3 a file that changes or cannot be read
    ├── ContextError              exit 3  not a run that can attest
    │   ├── PermissionMissingError        carries the YAML to paste
    │   └── ClaimsError                   names the claim
    ├── ServiceError              exit 3  a service, the network
    │   ├── TrustError                    trusted roots
    │   ├── SigningError                  certificate authority, log, timestamp
    │   └── PublishError                  a target
    └── RefusedError              exit 1  examined, and refused
        ├── MalformedEvidenceError        a bundle that cannot be read
        ├── NoEvidenceError               nothing says anything about the artifact
        ├── UntrustedSignatureError       the cryptography does not hold
        └── PolicyViolationError          a good signature, but not the one demanded

Each error says what happened (with got and expected), a hint that mends it, ready to
paste, and a stable reason code (``slsa_gen.reasons.Reason``; docs/reason-codes.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from slsa_gen.reasons import Reason


class SlsaGenError(Exception):
    """Something could not be done or decided.

    Args:
        message: What happened, with got and expected; one sentence or more.
        reason: The stable code under which the manual explains it.
        hint: What mends it, ready to paste; empty where nothing can be advised.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, reason: Reason, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.hint = hint

    def add(self, words: str) -> None:
        """Say more of what happened: the words follow the message."""
        self.message += words
        self.args = (self.message,)


class UsageError(SlsaGenError):
    """An option, an input or a policy file is wrong."""

    exit_code = 2


class SubjectError(SlsaGenError):
    """A subject is missing, empty, malformed or ambiguous."""

    exit_code = 2


class SubjectUnreadableError(SubjectError):
    """A file cannot be read, or changes while it is read."""

    exit_code = 3


class ContextError(SlsaGenError):
    """This is not a run that can attest."""


class PermissionMissingError(ContextError):
    """The run lacks a permission; the hint is the YAML that grants it."""


class ClaimsError(ContextError):
    """The identity token lacks a claim, or a claim is not what it must be.

    Args:
        claim: The claim's name.
    """

    def __init__(self, message: str, *, claim: str, reason: Reason, hint: str = "") -> None:
        super().__init__(message, reason=reason, hint=hint)
        self.claim = claim


class ServiceError(SlsaGenError):
    """A service or the network failed for longer than the time that was given."""


class TrustError(ServiceError):
    """A trusted root is missing, malformed or cannot be refreshed."""


class SigningError(ServiceError):
    """The certificate authority, the log or the timestamp authority did not serve."""


class PublishError(ServiceError):
    """A bundle could not be put where it should go."""


class RefusedError(SlsaGenError):
    """The evidence was examined, and it is refused."""

    exit_code = 1


class MalformedEvidenceError(RefusedError):
    """A bundle, an envelope or a statement is not what its format demands."""


class NoEvidenceError(RefusedError):
    """Every place was searched, and nothing speaks of the artifact."""


class UntrustedSignatureError(RefusedError):
    """The signature, its certificate, its log entry or its time does not hold."""


class PolicyViolationError(RefusedError):
    """A good signature that is not the one that was demanded."""
