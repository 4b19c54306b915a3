"""The whole stack: brought up in a folder of its own, and taken down again."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.stack.services import builds, database, keys, trust
from tests.stack.services.issuer_server import IssuerServer
from tests.stack.services.processes import HOST, answers, fetch, free_ports
from tests.stack.services.servers import PORTS, Servers
from tests.stack.services.trust import Documents, Service, Services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from slsa_gen.clock import Clock
    from tests.stack.services.builds import Cache
    from tests.stack.services.issuer import Issuer
    from tests.stack.services.processes import Process

#: The transparency logs, by the version of their API.
LOGS: Final = (1, 2)
_CHAIN: Final = "/api/v1/timestamp/certchain"
_STATEMENTS: Final = Path(__file__).parent / "statements"


@dataclass(frozen=True, slots=True)
class Stack:
    """A running Sigstore.

    Attributes:
        folder: What it wrote: a log of each service, keys, documents.
        issuer_server: Serves the issuer, which begins runs and issues their tokens.
        documents: The trust documents for each log, by its version.
        ca_bundle: What the issuer's TLS is trusted by.
        ports: Where each service listens, by the names of ``servers.PORTS``.
        processes: The services.
        program: Returns a program by its name in ``pins.toml``.
        validator: The program that holds statements against in-toto's own validators.
    """

    folder: Path
    issuer_server: IssuerServer
    documents: Mapping[int, Documents]
    ca_bundle: Path
    ports: Mapping[str, int]
    processes: Mapping[str, Process]
    program: Callable[[str], Path]
    validator: Path

    @property
    def issuer(self) -> Issuer:
        """Return the issuer."""
        return self.issuer_server.issuer

    def run(self, **changes: object) -> dict[str, str]:
        """Begin a workflow's run and return its variables; see ``Issuer.begin``."""
        trusted = str(self.ca_bundle)
        return {
            **self.issuer.begin(**changes),
            "REQUESTS_CA_BUNDLE": trusted,
            "SSL_CERT_FILE": trusted,
        }


def missing(variables: Mapping[str, str]) -> str:
    """Return what this machine lacks to run a stack, or nothing."""
    if shutil.which("go", path=variables.get("PATH")) is None:
        return "there is no Go (https://go.dev/dl) to build the services with"
    if database.programs() is None:
        return "there is no PostgreSQL (Debian: apt-get install postgresql)"
    return ""


def build(cache: Cache) -> Path:
    """Build every program that is not in the cache yet, and return the validator."""
    for name in builds.Pins.read().programs:
        cache.program(name)
    return cache.local(_STATEMENTS, "github.com/in-toto/attestation")


@contextmanager
def brought_up(cache: Cache, folder: Path, clock: Clock) -> Iterator[Stack]:
    """Bring the stack up for the length of a block.

    Args:
        cache: Builds the programs.
        folder: An empty folder; its parents must be open to other users when root runs this.
        clock: The machine's.

    Raises:
        BuildError: a program could not be built.
        StartError: a service did not start.
    """
    validator = build(cache)
    folder.chmod(0o755)
    with ExitStack() as opened:
        opened.enter_context(cache.alone())
        ports = free_ports(PORTS)
        servers = Servers(opened, folder, ports, cache.program)
        now = clock.now()
        tls = keys.server_certificate(folder, "issuer", now)
        oidc = opened.enter_context(IssuerServer((ports["issuer"], ports["token"]), tls, clock))
        authority = keys.certificate_authority(folder, "fulcio", now)
        ct_public, ct_key = keys.certificate_log(folder, "ct")
        rekor_public, rekor_key = keys.log(folder, "rekor-v2")
        stamps = keys.timestamps(folder, "timestamp-authority", now)
        data = folder / "postgres"
        data.mkdir()
        # Those that need no database begin while it is made.
        processes = {
            "rekor-v2": servers.rekor_v2(rekor_key),
            "timestamp-authority": servers.timestamp_authority(*stamps),
        }
        uri = database.start(opened, data, ports["postgres"], cache.file("trillian-schema"))
        processes["trillian-server"], processes["trillian-signer"] = servers.trillian(uri)
        processes["rekor-v1"] = servers.rekor_v1(keys.log_v1(folder, "rekor-v1"))
        processes["ct-log"] = servers.certificate_log(authority[0], ct_key)
        processes["fulcio"] = servers.fulcio(authority, ct_public, oidc.issuer.url, tls[0])
        for name, path in (
            ("timestamp-authority", "/ping"),
            ("rekor-v2", "/healthz"),
            ("rekor-v1", "/ping"),
        ):
            processes[name].wait_for(answers(ports[name], path))
        start = f"{now - keys.AGE:%Y-%m-%dT%H:%M:%SZ}"
        documents = _documents(
            cache, folder, ports, oidc.issuer.url, start, (authority[0], ct_public, rekor_public)
        )
        yield Stack(folder, oidc, documents, tls[0], ports, processes, cache.program, validator)


def _documents(
    cache: Cache,
    folder: Path,
    ports: Mapping[str, int],
    issuer_url: str,
    start: str,
    public: tuple[Path, Path, Path],
) -> dict[int, Documents]:
    """Ask the services for what they made themselves, and write the documents of both logs."""
    chain, log_key = folder / "timestamps.pem", folder / "rekor-v1.pub"
    chain.write_bytes(fetch(ports["timestamp-authority"], _CHAIN))
    log_key.write_bytes(fetch(ports["rekor-v1"], "/api/v1/log/publicKey"))
    authority, ct_public, rekor_public = public
    services = Services(
        authority=Service(_url(ports, "fulcio"), authority, start),
        certificate_log=Service(f"{_url(ports, 'ct-log')}/ct", ct_public, start),
        timestamps=Service(f"{_url(ports, 'timestamp-authority')}/api/v1/timestamp", chain, start),
        issuer=issuer_url,
    )
    first = Service(_url(ports, "rekor-v1"), log_key, start)
    second = Service(_url(ports, "rekor-v2"), rekor_public, start)
    cosign = cache.program("cosign")
    return {
        1: trust.write(cosign, folder, services, first, 1),
        2: trust.write(cosign, folder, services, second, 2, origin=HOST),
    }


def _url(ports: Mapping[str, int], name: str) -> str:
    return f"http://{HOST}:{ports[name]}"
