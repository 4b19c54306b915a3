"""Sign statements keylessly: from a token to bundles, within one time budget.

What may be needed several times is renewed when little of its life is left: the token, and
the certificate that one token was exchanged for. A certificate whose end is not known yet
(only a bundle shows it) serves the try that it was fetched for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from slsa_gen.errors import ContextError, ServiceError, SigningError
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure, in_seconds
from slsa_gen.signing.bundle import Draft, SignedBundle, read_draft
from slsa_gen.signing.child import ChildDeadlineError, ChildError, SigningChild
from slsa_gen.signing.failures import Stage, failure, is_unstamped, may_have_been_logged
from slsa_gen.signing.identity import FreshTokens, is_short
from slsa_gen.signing.services import choose
from slsa_gen.signing.session import Session, process_error
from slsa_gen.signing.stamping import Stamper, outside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from types import TracebackType

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.token import IdentityToken, TokenSource
    from slsa_gen.retry import Retrier
    from slsa_gen.signing.protocol import Frame

__all__ = ["KeylessSigner", "SignedBundle"]

#: How often a statement is signed anew because a timestamp was missing or came too late; each
#: time the log keeps an entry.
_RESTARTS: Final = 2


class _Work:
    """What one statement has cost so far.

    ``extra`` counts entries that the log may hold beside the bundle's own; ``pending`` says
    that the log holds an entry whose bundle is not finished yet.
    """

    def __init__(self) -> None:
        self.extra = 0
        self.pending = False
        self._restarts = 0

    def restart(self, error: SigningError) -> None:
        """Count a signature in vain, and raise the error when there were too many."""
        self._restarts += 1
        if self._restarts > _RESTARTS:
            raise error

    def entries(self) -> str:
        """Return the words for what the log holds, or may hold, without a bundle."""
        extra = self.extra + self.pending
        if not extra:
            return ""
        entries = "an entry" if extra == 1 else f"{extra} entries"
        return f"; the log {'holds' if self.pending else 'may hold'} {entries} that no bundle names"


class KeylessSigner:
    """Signs with the identity of a token; a context manager that ends its child process.

    Args:
        instance: The Sigstore to sign with; it has a signing configuration.
        tokens: Gives fresh tokens of one identity.
        retrier: Holds the budget of the command.
        limits: The seconds of one try, and when something is renewed.
        clock: Tells what has expired.
        environment: Where proxies and CA bundles are looked up; none by default.

    Raises:
        SigningError: the instance names nothing to sign with.
    """

    def __init__(
        self,
        instance: SigstoreInstance,
        tokens: TokenSource,
        *,
        retrier: Retrier,
        limits: Limits,
        clock: Clock,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._services = choose(instance, clock.now(), limits)
        self._tokens = FreshTokens(tokens, clock, limits)
        self._retrier = retrier
        self._limits = limits
        self._clock = clock
        self._session = Session(self._services.trust_config, environment or {}, limits)
        self._stamper = Stamper(self._services, retrier, limits, environment or {})
        self._certificate_end: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.drop()

    def start(self) -> None:
        """Start the child now, so that its imports pass while something else is done.

        Raises:
            SigningError: the machine could not start a process.
        """
        self._session.start()

    def token(self) -> IdentityToken:
        """Return the token that is signed with: what the statement says is to come from it.

        Raises:
            SigningError: the source gave one that has expired.
            ContextError: the source has none.
            ServiceError: the source could not be reached.
        """
        return self._tokens.current()

    def sign(self, statement: Statement) -> SignedBundle:
        """Sign a statement, have it logged, and return its bundle.

        Raises:
            SigningError: a service refused, or did not serve within the budget; the message
                says when the log may hold an entry that no bundle names.
            ContextError: no token, or one of another identity than before.
            ServiceError: the token endpoint did not serve.
        """
        work = _Work()
        try:
            while True:
                draft = self._draft(statement, work)
                stamped = self._finish(draft, work)
                if stamped is not None:
                    return SignedBundle(stamped, work.extra)
        except ServiceError as error:
            raise _completed(error, work) from error
        except ContextError as error:
            error.message += work.entries()
            error.args = (error.message,)
            raise

    def _draft(self, statement: Statement, work: _Work) -> Draft:
        answer = self._retrier.run(
            lambda seconds: self._attempt(statement, work, seconds), "the signing services"
        )
        work.pending = True
        draft = read_draft(answer.body, statement.payload, self._limits)
        self._certificate_end = draft.not_after
        return draft

    def _finish(self, draft: Draft, work: _Work) -> bytes | None:
        """Return the finished bundle, or None when its certificate ended before its stamp."""
        stamps = self._stamper.stamp(draft)
        error = outside(draft, stamps)
        if error is None:
            work.pending = False
            return draft.finish([stamp for stamp, _ in stamps])
        work.restart(error)
        work.pending = False
        work.extra += 1
        self._certificate_end = None
        return None

    def _attempt(self, statement: Statement, work: _Work, seconds: float) -> Frame:
        """Make one try: whatever must be fresh, then the signature and its log entry."""
        if not self._session.alive:
            self._certificate_end = None
        child = self._session.ready(self._retrier.budget.remaining())
        self._stamper.prepare()
        end = self._certificate_end
        if end is None or is_short(end, self._clock, self._limits):
            self._certificate_end = None
            token = self._tokens.current()
            # The tries of others so far had the budget's time, not that of this one.
            seconds = min(seconds, self._retrier.budget.remaining())
            started = self._clock.monotonic()
            self._ask(child, "certify", token.raw.encode("ascii"), Stage.CERTIFICATE, seconds)
            seconds -= self._clock.monotonic() - started
        return self._ask(child, "sign", statement.payload, Stage.LOG, seconds, work)

    def _ask(
        self,
        child: SigningChild,
        what: str,
        body: bytes,
        stage: Stage,
        seconds: float,
        work: _Work | None = None,
    ) -> Frame:
        services = self._services
        url = services.authority_url if stage is Stage.CERTIFICATE else services.log_url
        try:
            frame = child.ask(what, body, seconds)
        except ChildError as error:
            self._session.drop()
            if work is not None:
                work.extra += 1
            if not isinstance(error, ChildDeadlineError):
                raise process_error(f"ended while it asked {stage.value.name}: {error}") from error
            raise TransientFailure(
                SigningError(
                    f"{stage.value.name} ({url}) could not be reached: no whole answer within "
                    f"{in_seconds(max(seconds, 0.0))}",
                    reason=stage.value.unreachable,
                    hint=stage.value.network_hint,
                )
            ) from error
        if frame.header.get("ok") is True:
            return frame
        if work is not None and may_have_been_logged(frame):
            work.extra += 1
        # Only the authority is sent a token; what repeats it must not make us print it.
        secret = body if stage is Stage.CERTIFICATE else b""
        failed = failure(
            frame,
            stage,
            url,
            secret=secret,
            size=len(body),
            limits=self._limits,
            clock=self._clock,
        )
        if work is not None and is_unstamped(frame) and isinstance(failed, SigningError):
            work.restart(failed)
            raise TransientFailure(failed)
        raise failed


def _completed(error: ServiceError, work: _Work) -> ServiceError:
    """Return the error as one of signing, and say what the log may hold without a bundle."""
    message, reason = error.message, error.reason
    if reason is Reason.SERVICE_TIME_BUDGET:
        reason = Reason.SIGNING_TIME_BUDGET
    entries = work.entries()
    if not isinstance(error, SigningError) and reason is error.reason and not entries:
        return error
    return SigningError(message + entries, reason=reason, hint=error.hint)
