"""A real OpenID provider, and a certificate authority that takes its persons' tokens.

The provider is npm's ``oidc-provider``, installed once from a lock file with hashes into the
stack's cache. The authority is a second Fulcio with the stack's own keys, so that the trusted
root of each log stays the same.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import requests

from tests.stack.services.processes import HOST, StartError, free_ports, running
from tests.stack.services.servers import Servers
from tests.stack.services.trust import Documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.stack.services.processes import Process
    from tests.stack.services.stack import Stack

#: Who signs in, unless a test says otherwise.
EMAIL: Final = "ada@example.org"
_SOURCE: Final = Path(__file__).parent / "provider"
_PORTS: Final = ("provider", "fulcio", "fulcio-grpc", "fulcio-metrics")


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where persons sign in.

    Attributes:
        issuer: The provider.
        documents: The trust documents for each log, which name provider and authority.
        process: The provider's process.
    """

    issuer: str
    documents: Mapping[int, Documents]
    process: Process


def missing() -> str:
    """Return what this machine lacks for a provider, or nothing."""
    lacking = [name for name in ("node", "npm") if shutil.which(name) is None]
    return f"there is no {lacking[0]} to run an OpenID provider with" if lacking else ""


def installed(cache: Path, variables: Mapping[str, str]) -> Path:
    """Return the provider's program, installed now if it was not yet.

    Args:
        cache: The folder that it is kept in.
        variables: The environment of npm.

    Raises:
        StartError: npm could not install what the lock file names.
    """
    files = sorted(path for path in _SOURCE.iterdir() if path.is_file())
    source = b"".join(path.read_bytes() for path in files)
    folder = cache / f"provider-{hashlib.sha256(source).hexdigest()[:16]}"
    if not folder.is_dir():
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=cache))
        for path in files:
            shutil.copyfile(path, partial / path.name)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            check=False,
            capture_output=True,
            text=True,
            cwd=partial,
            env=dict(variables),
        )
        if done.returncode != 0:
            shutil.rmtree(partial)
            raise StartError(f"`npm ci` failed:\n{done.stderr[-2000:]}")
        partial.rename(folder)
    return folder / "provider.mjs"


@contextmanager
def serving(stack: Stack, program: Path, folder: Path) -> Iterator[SignIn]:
    """Serve a provider and an authority for the length of a block.

    Args:
        stack: The other services, whose keys the authority has.
        program: The provider's.
        folder: An empty folder for both.
    """
    node = shutil.which("node")
    assert node is not None
    with ExitStack() as opened:
        ports = free_ports(_PORTS)
        issuer = f"https://{HOST}:{ports['provider']}"
        tls = (stack.folder / "issuer.pem", stack.folder / "issuer.key")
        # From where it was installed: Node looks for packages beside the program.
        command: list[str | Path] = [node, program, str(ports["provider"]), *tls]
        provider = opened.enter_context(running("provider", command, folder))
        provider.wait_for(_describes(issuer, tls[0]))
        servers = Servers(opened, folder, {**stack.ports, **ports}, stack.program)
        authority = (stack.folder / "fulcio.pem", stack.folder / "fulcio.key")
        servers.fulcio(authority, stack.folder / "ct.pub", stack.issuer.url, tls[0], people=issuer)
        url = f"http://{HOST}:{ports['fulcio']}"
        documents = {
            log: _documents(found, folder, log, url, issuer)
            for log, found in stack.documents.items()
        }
        yield SignIn(issuer, documents, provider)


def _describes(issuer: str, ca: Path) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            answer = requests.get(
                f"{issuer}/.well-known/openid-configuration", verify=str(ca), timeout=5
            )
        except requests.RequestException:
            return False
        return answer.ok

    return ask


def _documents(found: Documents, folder: Path, log: int, url: str, issuer: str) -> Documents:
    """Write a log's documents once more, with another authority and one more issuer."""
    document = json.loads(found.client_config.read_bytes())
    config = document["signingConfig"]
    config["caUrls"] = [{**service, "url": url} for service in config["caUrls"]]
    # The runs' issuer stays the first: nobody can sign in there.
    config["oidcUrls"] += [{**config["oidcUrls"][0], "url": issuer}]
    signing, client = folder / f"signing-v{log}.json", folder / f"config-v{log}.json"
    signing.write_text(json.dumps(config), encoding="utf-8")
    client.write_text(json.dumps(document), encoding="utf-8")
    return Documents(found.trusted_root, signing, client)
