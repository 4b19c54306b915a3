"""What we sign, others accept; what is changed by one byte, nobody does."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.sandboxes import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.network

ISSUER: Final = "https://token.sandbox.slsa-gen.invalid"
IDENTITY: Final = (
    "https://sandbox.slsa-gen.invalid/sandbox/sandbox/.github/workflows/sandbox.yml@refs/heads/main"
)
VERIFY: Final = ("--sigstore", "sandbox", "--repo", "sandbox/sandbox", "--format", "json")


@pytest.fixture
def bundle(cli: CommandLine) -> dict[str, Any]:
    """Attest a file and return its bundle."""
    cli.write("app")
    assert cli("attest", "--sigstore", "sandbox", "app").code == 0
    found = json.loads((cli.folder / "app.intoto.jsonl").read_text())
    assert isinstance(found, dict)
    return found


def _sigstore(cli: CommandLine, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the sigstore command, trusting the sandbox."""
    config = cli.write("config.json", cli("sandbox", "trust-config").out)
    return subprocess.run(
        [
            *(sys.executable, "-m", "sigstore", "--trust-config", str(config)),
            *("verify", "identity", "--bundle", "app.intoto.jsonl"),
            *("--cert-identity", IDENTITY, "--cert-oidc-issuer", ISSUER, "app"),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=cli.folder,
        env={**ENVIRONMENT, "HOME": str(home)},
    )


@pytest.mark.usefixtures("bundle")
def test_the_sigstore_command_accepts_what_we_sign(cli: CommandLine, tmp_path: Path) -> None:
    """sigstore-python's own client, given the sandbox's trust configuration."""
    done = _sigstore(cli, tmp_path)

    assert done.returncode == 0, done.stderr
    assert "OK: app" in done.stderr + done.stdout


def test_the_sigstore_command_refuses_one_changed_byte(
    cli: CommandLine, bundle: dict[str, Any], tmp_path: Path
) -> None:
    """The harness can tell a refusal from an acceptance."""
    envelope = bundle["dsseEnvelope"]
    envelope["payload"] = _changed(envelope["payload"])
    cli.write("app.intoto.jsonl", json.dumps(bundle))

    assert _sigstore(cli, tmp_path).returncode != 0


def _changed(text: str) -> str:
    """Return base64 of the same bytes but one, in their middle."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def _entry(bundle: dict[str, Any]) -> dict[str, Any]:
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    assert isinstance(entry, dict)
    return entry


def _set(where: Callable[[dict[str, Any]], dict[str, Any]], name: str) -> Callable[..., None]:
    def change(bundle: dict[str, Any]) -> None:
        place = where(bundle)
        place[name] = _changed(place[name])

    return change


def _plus_one(where: Callable[[dict[str, Any]], dict[str, Any]], name: str) -> Callable[..., None]:
    def change(bundle: dict[str, Any]) -> None:
        place = where(bundle)
        place[name] = str(int(place[name]) + 1)

    return change


def _text(where: Callable[[dict[str, Any]], dict[str, Any]], name: str) -> Callable[..., None]:
    def change(bundle: dict[str, Any]) -> None:
        place = where(bundle)
        text = place[name]
        place[name] = text[:-3] + ("A" if text[-3] != "A" else "B") + text[-2:]

    return change


def _proof(bundle: dict[str, Any]) -> dict[str, Any]:
    proof = _entry(bundle)["inclusionProof"]
    assert isinstance(proof, dict)
    return proof


#: Each part of a bundle, how one byte of it is changed, and the reason that verify gives.
PARTS: Final[dict[str, tuple[Callable[..., None], str]]] = {
    "mediaType": (_text(lambda b: b, "mediaType"), "evidence.media-type"),
    "certificate": (
        _set(lambda b: b["verificationMaterial"]["certificate"], "rawBytes"),
        "certificate.chain",
    ),
    "payload": (_set(lambda b: b["dsseEnvelope"], "payload"), "signature.invalid"),
    "payloadType": (_text(lambda b: b["dsseEnvelope"], "payloadType"), "signature.invalid"),
    "signature": (
        _set(lambda b: b["dsseEnvelope"]["signatures"][0], "sig"),
        "signature.invalid",
    ),
    "log entry: logIndex": (_plus_one(_entry, "logIndex"), "log.set"),
    "log entry: logId": (_set(lambda b: _entry(b)["logId"], "keyId"), "log.unknown"),
    "log entry: kind": (_text(lambda b: _entry(b)["kindVersion"], "kind"), "log.entry-kind"),
    "log entry: version": (_text(lambda b: _entry(b)["kindVersion"], "version"), "log.entry-kind"),
    "log entry: integratedTime": (_plus_one(_entry, "integratedTime"), "log.set"),
    "log entry: body": (_set(_entry, "canonicalizedBody"), "log.inclusion"),
    "signed entry timestamp": (
        _set(lambda b: _entry(b)["inclusionPromise"], "signedEntryTimestamp"),
        "log.set",
    ),
    # The log holds one entry, so that the next index is outside of the tree.
    "inclusion proof: logIndex": (_plus_one(_proof, "logIndex"), "evidence.bundle"),
    "inclusion proof: treeSize": (_plus_one(_proof, "treeSize"), "log.inclusion"),
    "inclusion proof: rootHash": (_set(_proof, "rootHash"), "log.inclusion"),
    "checkpoint": (_text(lambda b: _proof(b)["checkpoint"], "envelope"), "log.checkpoint"),
}


@pytest.mark.parametrize("part", PARTS)
def test_one_changed_byte_is_refused_in_every_part(
    cli: CommandLine, bundle: dict[str, Any], part: str
) -> None:
    """Each part of a bundle is there for a reason, and the verdict names it."""
    change, reason = PARTS[part]
    change(bundle)
    cli.write("app.intoto.jsonl", json.dumps(bundle))

    outcome = cli("verify", "app", *VERIFY)

    assert outcome.code == 1, outcome.out
    reasons = [
        check["reason"]
        for attestation in outcome.results[0]["attestations"]
        for check in attestation["checks"]
        if not check["passed"]
    ]
    assert reasons == [reason]


def test_what_protobuf_leaves_out_of_a_logs_first_entry_may_be_missing(
    cli: CommandLine, bundle: dict[str, Any]
) -> None:
    """Clients in Go, such as cosign, write neither a zero nor an empty list."""
    assert _entry(bundle).pop("logIndex") == _proof(bundle).pop("logIndex") == "0"
    assert _proof(bundle).pop("hashes") == []
    cli.write("app.intoto.jsonl", json.dumps(bundle))

    outcome = cli("verify", "app", *VERIFY)

    assert outcome.code == 0, outcome.out
    (attestation,) = outcome.results[0]["attestations"]
    assert [entry["index"] for entry in attestation["logEntries"]] == [0]
    assert cli("inspect", "app.intoto.jsonl").code == 0


def test_every_part_of_a_bundle_is_tried(bundle: dict[str, Any]) -> None:
    """A field that bundles get one day needs its case above."""
    leaves = set(_leaves(bundle))

    assert len(leaves) == len(PARTS), sorted(leaves)


def _leaves(value: object, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in _leaves(v, f"{path}.{k}")]
    if isinstance(value, list):
        return [leaf for n, v in enumerate(value) for leaf in _leaves(v, f"{path}[{n}]")]
    return [path]
