"""What the sandbox makes is accepted by Sigstore's own client, and no byte of it may change."""

from __future__ import annotations

import base64
import copy
import hashlib
import importlib.resources
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from sigstore import dsse
from sigstore.errors import Error as SigstoreError
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.oidc import IdentityToken, detect_credential
from sigstore.sign import SigningContext
from sigstore.verify import Verifier, policy

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.sandbox.folder import trusted_instance
from slsa_gen.sandbox.server import Sandbox
from tests.support.sandboxes import (
    ENVIRONMENT,
    REPOSITORY,
    client_config,
    copy_template,
    make_checkout,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.network

Document: TypeAlias = dict[str, Any]

ARTIFACT = b"an artifact\n"
IDENTITY = (
    f"https://sandbox.slsa-gen.invalid/{REPOSITORY}/.github/workflows/sandbox.yml@refs/heads/main"
)
ISSUER = "https://token.sandbox.slsa-gen.invalid"


def statement() -> bytes:
    """Return a statement about the artifact."""
    digest = hashlib.sha256(ARTIFACT).hexdigest()
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "artifact", "digest": {"sha256": digest}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {}},
    }
    return json.dumps(document).encode()


def sign(sandbox: Sandbox, checkout: Path, patch: pytest.MonkeyPatch) -> str:
    """Sign the statement as a client in a run does, with Sigstore's library alone."""
    for name, value in sandbox.run_variables(checkout).items():
        patch.setenv(name, value)
    raw = detect_credential()
    assert raw is not None
    config = ClientTrustConfig.from_json(client_config(sandbox.instance()))
    with SigningContext.from_trust_config(config).signer(IdentityToken(raw)) as signer:
        return signer.sign_dsse(dsse.Statement(statement())).to_json()


@pytest.fixture(scope="module")
def made(sandbox_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Return a sandbox's folder, a bundle that it signed, and its client configuration."""
    folder = copy_template(sandbox_template, tmp_path_factory.mktemp("made") / "sandbox")
    checkout = tmp_path_factory.mktemp("checkout")
    make_checkout(checkout)
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(folder, SystemClock(), environment=ENVIRONMENT) as sandbox,
    ):
        # The second of two entries, so that the proof has a path.
        sign(sandbox, checkout, patch)
        return folder, sign(sandbox, checkout, patch), client_config(sandbox.instance())


def accept(folder: Path, bundle: str) -> bytes:
    """Verify a bundle with Sigstore's library and return the payload."""
    root = folder.parent / "root.json"
    root.write_bytes(trusted_instance(folder).trusted_root)
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(root)))
    expected = policy.AllOf(
        [policy.Identity(identity=IDENTITY, issuer=ISSUER), policy.OIDCIssuerV2(ISSUER)]
    )
    return verifier.verify_dsse(Bundle.from_json(bundle), expected)[1]


def test_sigstores_library_signs_and_verifies(made: tuple[Path, str, str]) -> None:
    """The payload comes back as it was signed."""
    folder, bundle, _ = made
    assert accept(folder, bundle) == statement()


def sigstore(tmp_path: Path, made: tuple[Path, str, str], *arguments: str) -> tuple[int, str]:
    """Run Sigstore's command to verify the artifact."""
    _, bundle, config = made
    paths = {"bundle": tmp_path / "bundle.json", "config": tmp_path / "config.json"}
    paths["bundle"].write_text(bundle)
    paths["config"].write_text(config)
    (tmp_path / "artifact").write_bytes(ARTIFACT)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sigstore", "--trust-config", str(paths["config"]), "verify"),
            *(arguments[0], "--bundle", str(paths["bundle"])),
            *(*arguments[1:], str(tmp_path / "artifact")),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=environment.variables(),
    )
    return done.returncode, done.stdout + done.stderr


def test_sigstores_command_verifies(tmp_path: Path, made: tuple[Path, str, str]) -> None:
    """By the identity, and by the workflow, with the sandbox's client configuration."""
    code, output = sigstore(
        tmp_path, made, "identity", "--cert-identity", IDENTITY, "--cert-oidc-issuer", ISSUER
    )
    assert code == 0, output
    assert "OK" in output


def test_sigstores_command_refuses_another_identity(
    tmp_path: Path, made: tuple[Path, str, str]
) -> None:
    """The signature holds, but it is somebody else's."""
    other = IDENTITY.replace("refs/heads/main", "refs/heads/other")
    code, output = sigstore(
        tmp_path, made, "identity", "--cert-identity", other, "--cert-oidc-issuer", ISSUER
    )
    assert code == 1
    assert "Certificate's SANs do not match" in output


#: Each part of a bundle that proves something: its owner, and its name there.
PARTS: dict[str, Callable[[Document], tuple[Document, str]]] = {
    "payload": lambda b: (b["dsseEnvelope"], "payload"),
    "signature": lambda b: (b["dsseEnvelope"]["signatures"][0], "sig"),
    "certificate": lambda b: (b["verificationMaterial"]["certificate"], "rawBytes"),
    "body": lambda b: (b["verificationMaterial"]["tlogEntries"][0], "canonicalizedBody"),
    "promise": lambda b: (
        b["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"],
        "signedEntryTimestamp",
    ),
    "root": lambda b: (
        b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"],
        "rootHash",
    ),
}


@pytest.mark.parametrize("part", PARTS)
def test_one_changed_byte_is_refused(made: tuple[Path, str, str], part: str) -> None:
    """At the start, in the middle and at the end of every part that proves something."""
    folder, bundle, _ = made
    for position in (0.0, 0.3, 0.6, 1.0):
        changed = copy.deepcopy(json.loads(bundle))
        owner, name = PARTS[part](changed)
        data = bytearray(base64.b64decode(owner[name]))
        data[round(position * (len(data) - 1))] ^= 1
        owner[name] = base64.b64encode(bytes(data)).decode()
        with pytest.raises((SigstoreError, ValueError)):
            accept(folder, json.dumps(changed))


def test_a_changed_proof_is_refused(made: tuple[Path, str, str]) -> None:
    """Also where the part is no plain bytes: path, checkpoint, index, time, type."""
    folder, bundle, _ = made

    def change(alter: Callable[[Document, Document], None]) -> str:
        document = copy.deepcopy(json.loads(bundle))
        alter(document, document["verificationMaterial"]["tlogEntries"][0])
        return json.dumps(document)

    def path(_: Document, e: Document) -> None:
        e["inclusionProof"]["hashes"][0] = base64.b64encode(b"x" * 32).decode()

    def checkpoint(_: Document, e: Document) -> None:
        note = e["inclusionProof"]["checkpoint"]["envelope"]
        e["inclusionProof"]["checkpoint"]["envelope"] = note.replace("\n2\n", "\n3\n")

    def time(_: Document, e: Document) -> None:
        e["integratedTime"] = str(int(e["integratedTime"]) + 1)

    def kind(b: Document, _: Document) -> None:
        b["dsseEnvelope"]["payloadType"] = "text/plain"

    for alter in (path, checkpoint, time, kind):
        with pytest.raises((SigstoreError, ValueError)):
            accept(folder, change(alter))


def test_another_sandbox_accepts_nothing_of_it(made: tuple[Path, str, str], tmp_path: Path) -> None:
    """Each sandbox has keys of its own."""
    with Sandbox(tmp_path / "other", SystemClock()):
        pass
    with pytest.raises(SigstoreError):
        accept(tmp_path / "other", made[1])


def test_the_real_root_accepts_nothing_of_it(made: tuple[Path, str, str]) -> None:
    """Nothing that a sandbox signs can be mistaken for real."""
    store = importlib.resources.files("sigstore") / "_store"
    name = "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
    root = TrustedRoot.from_file(str(store / name / "trusted_root.json"))
    with pytest.raises(SigstoreError):
        Verifier(trusted_root=root).verify_dsse(
            Bundle.from_json(made[1]), policy.OIDCIssuerV2(ISSUER)
        )
