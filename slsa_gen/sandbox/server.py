"""The sandbox while it is served on loopback: all its services on one port."""

from __future__ import annotations

import hmac
from contextlib import ExitStack
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from slsa_gen import environment as process_environment
from slsa_gen import strictjson
from slsa_gen.errors import ServiceError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import SANDBOX_SERVER
from slsa_gen.sandbox import database, folder, fulcio, issuer, lifecycle, trust
from slsa_gen.sandbox.api import Answer, ApiError, Request, json_answer
from slsa_gen.sandbox.checkout import read_checkout
from slsa_gen.sandbox.database import Database
from slsa_gen.sandbox.keys import DamagedMaterialError, Material
from slsa_gen.sandbox.listener import Listener
from slsa_gen.sandbox.log import TransparencyLog
from slsa_gen.sandbox.rekor import ENTRIES_PATH, LogService
from slsa_gen.sandbox.run import TOKEN_PATH, Run, Someone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance


class Sandbox:
    """A Sigstore of one's own, served on loopback between ``with`` and its end.

    Args:
        folder: Where it is kept; made when it is not there.
        clock: The time of tokens, certificates and log, which share it.
        limits: The size and time of a request.
        environment: Where git is found, and the user's settings for it; the process's own
            when None.
        token_seconds: How long a token lives.
        certificate_seconds: How long a signing certificate lives.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        limits: Limits = DEFAULT_LIMITS,
        environment: Mapping[str, str] | None = None,
        token_seconds: int = issuer.TOKEN_SECONDS,
        certificate_seconds: int = fulcio.CERTIFICATE_SECONDS,
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._limits = limits
        self._environment = environment
        self._token_seconds = token_seconds
        self._certificate_seconds = certificate_seconds
        self._open = ExitStack()
        self._runs: list[Run] = []
        self._people: list[Someone] = []

    def __enter__(self) -> Self:
        """Open the folder and start to answer.

        Raises:
            ServiceError: the folder cannot be used, or no port can be listened on.
        """
        with ExitStack() as opening:
            document = opening.enter_context(
                lifecycle.in_use(self.folder, self._make_material, database.create)
            )
            try:
                material = Material.from_document(document)
            except DamagedMaterialError as error:
                raise database.damaged(self.folder, str(error)) from error
            self._database = opening.enter_context(Database(self.folder / folder.DATABASE))
            self._issuer = issuer.TokenIssuer(material.oidc_key, self._clock, self._token_seconds)
            self._document, self._start = document, material.start
            self._routes = self._make_routes(material)
            self._listener = opening.enter_context(Listener(self.answer, self._limits, self._clock))
            self._open = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop to answer; what has been asked is answered first."""
        self._open.close()

    @property
    def base_url(self) -> str:
        """Return where it answers, without a trailing slash."""
        return self._listener.base_url

    def instance(self) -> SigstoreInstance:
        """Return it as a Sigstore to sign with and to verify with."""
        config = trust.signing_config(self.base_url, self._start)
        trusted = folder.instance_of(self._document, self.folder)
        return replace(trusted, signing_config=strictjson.dumps(config))

    def run_variables(self, checkout: Path) -> dict[str, str]:
        """Begin a run in a git checkout and return its environment variables.

        Two of them (``ACTIONS_ID_TOKEN_REQUEST_*``) let whoever holds them ask for tokens
        of this run, while the sandbox is served.

        Args:
            checkout: Any folder; outside of a checkout the run is of ``sandbox/sandbox``.

        Raises:
            ServiceError: the run's number cannot be kept.
        """
        environment = self._environment
        if environment is None:
            environment = process_environment.variables()
        with self._database.write() as connection:
            run_id = connection.execute("INSERT INTO runs DEFAULT VALUES").lastrowid
        run = Run(run_id or 0, read_checkout(checkout, environment))
        self._runs.append(run)
        return run.variables(self.base_url)

    def person_variables(self) -> dict[str, str]:
        """Return the variables that lead to tokens of the sandbox's own person.

        Two of them let whoever holds them ask for such tokens while the sandbox is served.
        """
        someone = Someone()
        self._people.append(someone)
        return someone.variables(self.base_url)

    def answer(self, request: Request) -> Answer:
        """Answer one request, whichever service it is for."""
        path = f"{ENTRIES_PATH}/" if request.path.startswith(f"{ENTRIES_PATH}/") else request.path
        route = self._routes.get((request.method, path))
        if route is None:
            return ApiError(HTTPStatus.NOT_FOUND, "Not Found").answer()
        try:
            return route(request)
        except ApiError as error:
            return error.answer()
        except ServiceError as error:
            # What ails the sandbox: its client sees it as it would see a real service ail.
            return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, error.message).answer()

    def _make_material(self) -> bytes:
        return strictjson.dumps(Material.generate(self._clock.now()).document())

    def _make_routes(
        self, material: Material
    ) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        authority = fulcio.CertificateAuthority(
            material, self._issuer, self._clock, self._limits, self._certificate_seconds
        )
        log = LogService(material, TransparencyLog(self._database), self._clock, self._limits)
        return {
            ("GET", "/healthz"): lambda _: json_answer({"status": "SERVING"}),
            ("GET", TOKEN_PATH): self._token,
            ("GET", "/.well-known/openid-configuration"): _discovery,
            ("GET", "/.well-known/jwks"): lambda _: json_answer(self._document["jwks"]),
            ("POST", "/api/v2/signingCert"): authority.signing_certificate,
            ("GET", "/api/v2/trustBundle"): authority.trust_bundle,
            ("POST", ENTRIES_PATH): log.add,
            ("GET", ENTRIES_PATH): log.by_index,
            ("GET", f"{ENTRIES_PATH}/"): log.by_uuid,
            ("GET", "/api/v1/log"): log.info,
            ("GET", "/api/v1/log/publicKey"): log.public_key,
        }

    def _token(self, request: Request) -> Answer:
        """Answer the runner's token endpoint."""
        who = self._who(request.bearer)
        if who is None:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "this is not the request token of a run")
        # Without an audience GitHub names the owner.
        owner = f"/{who.owner}" if isinstance(who, Run) else ""
        audience = request.query.get("audience") or f"{SANDBOX_SERVER}{owner}"
        return json_answer({"value": self._issuer.issue(who.claims, audience)})

    def _who(self, request_token: str) -> Run | Someone | None:
        found: Run | Someone | None = None
        everyone: list[Run | Someone] = [*self._runs, *self._people]
        for who in everyone:
            if hmac.compare_digest(who.request_token.encode(), request_token.encode()):
                found = who
        return found


def _discovery(request: Request) -> Answer:
    return json_answer(issuer.discovery(request.base_url))
