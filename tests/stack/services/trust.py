"""The documents with which clients use the stack, written by cosign.

docs/self-hosted.md shows the same commands.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.stack.services.processes import StartError

if TYPE_CHECKING:
    from pathlib import Path

CLIENT_CONFIG: Final = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
_OPERATOR: Final = "stack"


@dataclass(frozen=True, slots=True)
class Service:
    """A service: where it is, what it is known by, and since when.

    ``material`` is the file with its public key, or its chain of certificates.
    """

    url: str
    material: Path
    start: str


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one log: each is a file."""

    trusted_root: Path
    signing_config: Path
    client_config: Path


@dataclass(frozen=True, slots=True)
class Services:
    """What every document names, whichever log is used."""

    authority: Service
    certificate_log: Service
    timestamps: Service
    issuer: str


def write(
    cosign: Path, folder: Path, services: Services, log: Service, version: int, origin: str = ""
) -> Documents:
    """Write the documents for one log.

    Args:
        cosign: The program.
        folder: Where the files go, each named after the version.
        services: The others.
        log: The log.
        version: Of the log's API. Version 2 entries have no time, so that timestamps are
            asked for; version 1 is used without.
        origin: What the log calls itself in checkpoints, where that is not its URL's host.
    """
    root = folder / f"trusted-root-v{version}.json"
    signing = folder / f"signing-config-v{version}.json"
    client = folder / f"trust-config-v{version}.json"
    authority, ct, stamps = services.authority, services.certificate_log, services.timestamps
    named = f",origin={origin}" if origin else ""
    stamped = version > 1
    _run(
        cosign,
        *("trusted-root", "create", f"--out={root}"),
        f"--fulcio=url={authority.url},certificate-chain={authority.material}",
        f"--ctfe=url={ct.url},public-key={ct.material},start-time={ct.start}",
        f"--rekor=url={log.url},public-key={log.material},start-time={log.start}{named}",
        *([f"--tsa=url={stamps.url},certificate-chain={stamps.material}"] if stamped else []),
    )
    since = f"start-time={authority.start},operator={_OPERATOR}"
    stamping = [f"--tsa=url={stamps.url},api-version=1,{since}"]
    _run(
        cosign,
        *("signing-config", "create", f"--out={signing}"),
        f"--fulcio=url={authority.url},api-version=1,{since}",
        f"--rekor=url={log.url},api-version={version},{since}",
        "--rekor-config=ANY",
        f"--oidc-provider=url={services.issuer},api-version=1,{since}",
        # Without a selector for timestamps sigstore-python takes no configuration at all.
        "--tsa-config=ANY",
        *(stamping if stamped else []),
    )
    client.write_text(
        json.dumps(
            {
                "mediaType": CLIENT_CONFIG,
                "trustedRoot": json.loads(root.read_bytes()),
                "signingConfig": json.loads(signing.read_bytes()),
            }
        )
    )
    return Documents(root, signing, client)


def _run(cosign: Path, *arguments: str) -> None:
    done = subprocess.run(
        [cosign, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"HOME": "/nonexistent"},
    )
    if done.returncode != 0:
        raise StartError(f"`cosign {' '.join(arguments)}` failed: {done.stderr.strip()}")
