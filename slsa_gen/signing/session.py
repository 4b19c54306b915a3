"""A child that is started, configured, and replaced after it had to be killed."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SigningError
from slsa_gen.limits import MIB
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason
from slsa_gen.signing.child import ChildDeadlineError, ChildError, SigningChild

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.limits import Limits

#: Bytes of the largest bundle, as the library writes it, with room to spare.
_MAX_ANSWER: Final = 64 * MIB
_HINT: Final = (
    "See why with: python3 -I -c 'import sigstore.sign' (in the environment of slsa-gen), and "
    "whether the machine has memory left: about 100 MB are needed."
)
_BUDGET_HINT: Final = "Give it more time: --retry-budget 900 (seconds for all tries together)."
_FILES_HINT: Final = "Let it open more files: ulimit -n 1024"
_MEMORY_HINT: Final = (
    "Look whether the machine has memory (about 100 MB are needed) and processes (ulimit -u) left."
)
#: What to do when the system does not start a process, by its error's number.
_HINTS: Final = {
    errno.EMFILE: _FILES_HINT,
    errno.ENFILE: "The whole machine has too many files open: end what keeps them open.",
    errno.ENOMEM: _MEMORY_HINT,
    errno.EAGAIN: _MEMORY_HINT,
}


def process_error(what: str, number: int | None = None) -> SigningError:
    """Return the error for a child that failed as a process, or with a system error's number."""
    hint = _HINT if number is None else _HINTS.get(number, _HINT)
    return SigningError(f"the signing process {what}", reason=Reason.SIGNING_PROCESS, hint=hint)


class Session:
    """Keeps one child at a time.

    Args:
        trust_config: Sigstore's client trust configuration, handed to each child.
        environment: Where the child looks up proxies and CA bundles.
        limits: How long a start may take.
    """

    def __init__(self, trust_config: bytes, environment: Mapping[str, str], limits: Limits) -> None:
        self._trust_config = trust_config
        self._environment = environment
        self._limits = limits
        self._child: SigningChild | None = None
        self._configured = False

    @property
    def alive(self) -> bool:
        """Tell whether there is a configured child that runs."""
        return self._configured and self._child is not None and self._child.alive

    def start(self) -> SigningChild:
        """Start a child if none runs, without waiting for it.

        Raises:
            SigningError: the machine could not start one.
        """
        if self._child is not None and not self._child.alive:
            self.drop()
        if self._child is None:
            try:
                self._child = SigningChild(self._environment, _MAX_ANSWER)
            except OSError as error:
                what = f"could not be started: {error.strerror}"
                raise process_error(what, error.errno) from error
        return self._child

    def ready(self, seconds: float) -> SigningChild:
        """Return a child that is configured, within so many seconds.

        Raises:
            SigningError: it did not start, or does not understand the configuration.
        """
        child = self.start()
        if self._configured:
            return child
        left, seconds = seconds, min(seconds, self._limits.signing_start_seconds)
        try:
            child.wait_until_ready(seconds)
            answer = child.ask("configure", self._trust_config, seconds)
        except ChildError as error:
            self.drop()
            if isinstance(error, ChildDeadlineError) and left <= seconds:
                what = f"did not start: {error}, which is all that the time budget had left"
                raise SigningError(
                    f"the signing process {what}", reason=Reason.SIGNING_PROCESS, hint=_BUDGET_HINT
                ) from error
            raise process_error(f"did not start: {error}") from error
        if answer.header.get("ok") is not True:
            raise SigningError(
                "the signing library does not take the Sigstore configuration: "
                f"{harmless(answer.text('why'), 400)}",
                reason=Reason.SIGNING_CONFIGURATION,
                hint="--sigstore takes Sigstore's client trust configuration (JSON).",
            )
        self._configured = True
        return child

    def drop(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.close()
        self._child = None
        self._configured = False
