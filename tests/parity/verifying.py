"""``verify`` and ``inspect`` as a user types them, in any place."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.sandboxes import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.conftest import Outcome
    from tests.parity.place import Place

WORKFLOW: Final = f"{REPOSITORY}/.github/workflows/sandbox.yml"
#: What is expected besides the repository, and the reason for which it is refused.
WRONG: Final[dict[str, tuple[str, ...]]] = {
    "source.repository": ("--repo", "octo-org/other"),
    "source.owner": ("--owner", "octo-other"),
    "signer.workflow": ("--repo", REPOSITORY, "--signer-repo", "octo-org/other"),
    "signer.workflow-2": (
        *("--repo", REPOSITORY),
        *("--signer-workflow", f"{REPOSITORY}/.github/workflows/other.yml"),
    ),
    "source.ref": ("--repo", REPOSITORY, "--source-ref", "refs/heads/other"),
    "source.ref-2": ("--repo", REPOSITORY, "--source-branch", "other"),
    "source.ref-3": ("--repo", REPOSITORY, "--source-tag", "main"),
    "source.digest": ("--repo", REPOSITORY, "--source-digest", "b" * 40),
    "predicate.type": ("--repo", REPOSITORY, "--predicate-type", "https://example.com/p"),
    "runner.self-hosted": ("--repo", REPOSITORY, "--deny-self-hosted-runners"),
    "signer.identity": ("--repo", REPOSITORY, "--cert-identity", "https://example.com/x"),
}


def reasons(outcome: Outcome) -> set[str]:
    """Return the reason codes of every failed check of the one artifact."""
    (result,) = outcome.results
    return {c["reason"] for a in result["attestations"] for c in a["checks"] if not c["passed"]}


def _change(place: Place, change: Callable[[dict[str, Any]], None]) -> None:
    path = place.folder / "app.intoto.jsonl"
    bundle = json.loads(path.read_text())
    change(bundle)
    path.write_text(json.dumps(bundle))


def _flip(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def _signature(bundle: dict[str, Any]) -> None:
    signature = bundle["dsseEnvelope"]["signatures"][0]
    signature["sig"] = _flip(signature["sig"])


def _payload(bundle: dict[str, Any]) -> None:
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    changed = payload.replace(b'"sandbox.yml"', b'"release.yml"').replace(b"push", b"pull")
    assert changed != payload
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(changed).decode()


def _certificate(bundle: dict[str, Any]) -> None:
    certificate = bundle["verificationMaterial"]["certificate"]
    der = bytearray(base64.b64decode(certificate["rawBytes"]))
    der[-1] ^= 1
    certificate["rawBytes"] = base64.b64encode(der).decode()


def _no_log_entry(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def _no_proof(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]


def _root_hash(bundle: dict[str, Any]) -> None:
    proof = bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    proof["rootHash"] = _flip(proof["rootHash"])


#: What is changed in the bundle, and the reason. A signature that has a timestamp is looked at
#: there first.
TAMPERED: Final[dict[str, tuple[Callable[[dict[str, Any]], None], str]]] = {
    "the signature": (_signature, "signature.invalid or time.timestamp"),
    "the statement": (_payload, "signature.invalid"),
    "the certificate": (_certificate, "certificate.chain"),
    "no log entry": (_no_log_entry, "log.missing"),
    "no inclusion proof": (_no_proof, "log.inclusion"),
    "the proof's root": (_root_hash, "log.inclusion"),
}


class Verifying:
    """Verdicts on one bundle that was signed in the place."""

    @pytest.fixture(autouse=True)
    def signed(self, place: Place) -> None:
        """Have the bundles of the place here."""
        place.take_signed()

    def test_a_file_is_accepted_with_the_bundle_beside_it(self, place: Place) -> None:
        """In short, with every check, and as a document."""
        outcome = place.verify("app")
        verbose = place.verify("app", "-v")
        document = place.verify("app", "--format", "json")

        assert outcome.code == verbose.code == document.code == 0, outcome.out
        assert "accepted   app  sha256:" in outcome.out
        (result,) = document.results
        (attestation,) = (a for a in result["attestations"] if a["source"] == "app.intoto.jsonl")
        assert all(check["expected"] and check["found"] for check in attestation["checks"])

    @pytest.mark.parametrize("name", WRONG)
    def test_each_expectation_that_is_not_met_refuses(self, place: Place, name: str) -> None:
        """Each says its own reason, and the other rules ran too."""
        arguments = ("app", "--bundle", "app.intoto.jsonl", *WRONG[name])
        outcome = place.verify(*arguments, repository="")
        document = place.verify(*arguments, "--format", "json", repository="", kept=False)

        assert outcome.code == document.code == 1
        assert name.partition("-2")[0].partition("-3")[0] in reasons(document)

    def test_each_expectation_that_is_met_accepts(self, place: Place) -> None:
        """Names without regard to ASCII case, as GitHub does."""
        outcomes = [
            place.verify("app", "--signer-workflow", WORKFLOW, repository="Octo-Org/OCTO-repo"),
            place.verify("app", "--source-branch", "main"),
            place.verify("app", "--source-ref", "refs/heads/main", "--source-digest", place.commit),
            place.verify("app", "--signer-repo", REPOSITORY, "--owner", "octo-org", repository=""),
            place.verify("app", "--cert-identity", place.identity, repository=""),
            place.verify("app", "--predicate-type", "https://cyclonedx.org/bom"),
        ]

        assert [outcome.code for outcome in outcomes] == [0] * len(outcomes)

    def test_an_expectation_is_needed(self, place: Place) -> None:
        """A valid signature alone is anyone's: usage errors."""
        outcomes = [
            place.verify("app", repository=""),
            place.verify("app", repository="not-a-repository"),
            place.verify("app", "--policy", "p.yaml"),
            place.verify("absent"),
            place.verify("app", "--bundle", "absent.jsonl"),
        ]

        assert [outcome.code for outcome in outcomes] == [2] * len(outcomes)

    @pytest.mark.parametrize("name", TAMPERED)
    def test_a_tampered_bundle_is_refused(self, place: Place, name: str) -> None:
        """One bit, or one part, and nothing is believed."""
        change, reason = TAMPERED[name]
        _change(place, change)

        arguments = ("app", "--bundle", "app.intoto.jsonl", "--format", "json")
        outcome = place.verify(*arguments, kept=" or " not in reason)

        assert outcome.code == 1
        (found,) = reasons(outcome)
        assert found in reason.split(" or ")

    def test_a_tampered_file_is_refused_and_says_why(self, place: Place) -> None:
        """The digest is in no subject; expected and found stand side by side."""
        place.cli.write("app", "tampered\n")

        outcome = place.verify("app")

        assert outcome.code == 1
        assert "reason:   subject.digest-not-in-statement" in outcome.out

    def test_the_bundle_of_another_file_is_refused(self, place: Place) -> None:
        """Also where it lies under the file's name."""
        named = place.verify("app", "--bundle", "other.intoto.jsonl")
        bundle = (place.folder / "other.intoto.jsonl").read_bytes()
        for path in place.folder.glob("*.jsonl"):
            path.unlink()
        place.cli.write("app.intoto.jsonl", bundle)
        beside = place.verify("app")
        (place.folder / "app.intoto.jsonl").unlink()
        nothing = place.verify("app")

        assert [named.code, beside.code, nothing.code] == [1, 1, 1]
        assert "reason: evidence.none" in nothing.out

    def test_another_root_is_refused(self, place: Place) -> None:
        """The public one, offline."""
        outcome = place("verify", "app", "--offline", "--repo", REPOSITORY, "-q")

        assert outcome.code == 1

    def test_the_trusted_root_alone_verifies_too(self, place: Place) -> None:
        """--custom-trusted-root takes the root of the same configuration."""
        config = json.loads((place.folder / "sigstore.json").read_text())
        place.cli.write("root.json", json.dumps(config["trustedRoot"]))

        outcome = place(
            *("verify", "app", "--custom-trusted-root", "root.json", "--repo", REPOSITORY),
            *("--cert-oidc-issuer", place.issuer),
        )

        assert outcome.code == 0, outcome.out

    def test_a_policy_file_says_what_is_expected(self, place: Place) -> None:
        """The same words as the options, and the same verdict."""
        text = "version: 1\nartifacts:\n  - {match: '%s', repo: %s, cert-oidc-issuer: %s}\n"
        place.cli.write("good.yaml", text % ("app*", REPOSITORY, place.issuer))
        place.cli.write("bad.yaml", text % ("app*", "octo-org/other", place.issuer))
        place.cli.write("none.yaml", text % ("z*", REPOSITORY, place.issuer))

        codes = [
            place("verify", "app", "--sigstore", "sigstore.json", "--policy", name).code
            for name in ("good.yaml", "bad.yaml", "none.yaml")
        ]

        assert codes == [0, 1, 1]

    def test_many_artifacts_get_a_verdict_each(self, place: Place) -> None:
        """A folder, a stranger and a missing file: the worst decides."""
        for name in ("app", "other"):
            place.cli.write(f"dist/{name}", (place.folder / name).read_bytes())
            bundle = f"{name}.intoto.jsonl"
            place.cli.write(f"dist/{bundle}", (place.folder / bundle).read_bytes())
        folder = place.verify("dist")
        document = place.verify("dist", "--format", "json")
        place.cli.write("dist/stranger", "who?\n")
        stranger = place.verify("dist")
        missing = place.verify("dist", "missing", "--format", "json")

        codes = [outcome.code for outcome in (folder, document, stranger, missing)]
        assert codes == [0, 0, 1, 2]

    def test_a_digest_is_verified_with_the_bundle_given(self, place: Place) -> None:
        """There is nothing beside a digest."""
        (subject,) = json.loads(
            place.cli("inspect", "app.intoto.jsonl", "--export", "statement").out.splitlines()[-1]
        )["subject"]
        digest = f"sha256:{subject['digest']['sha256']}"

        given = place.verify(digest, "--bundle", "app.intoto.jsonl")
        alone = place.verify(digest)

        assert (given.code, alone.code) == (0, 2)

    def test_a_bundle_is_shown_and_exported(self, place: Place) -> None:
        """For people under a warning, for programs, and as the formats inside."""
        shown = place("inspect", "app.intoto.jsonl")
        (result,) = place("inspect", "app.intoto.jsonl", "--format", "json").results
        statement = place("inspect", "--export", "statement", "app.intoto.jsonl").out
        envelope = json.loads(place.cli("inspect", "--export", "dsse", "app.intoto.jsonl").out)

        assert "NOT VERIFIED" in shown.out
        assert result["verified"] is False
        assert sorted(envelope) == ["payload", "payloadType", "signatures"]
        assert base64.b64decode(envelope["payload"]).decode() in statement

    def test_what_is_no_bundle_is_refused(self, place: Place) -> None:
        """Malformed evidence is exit code 1; a file that is not there is wrong usage."""
        place.cli.write("bad.jsonl", '{"mediaType": "text/plain"}\n')
        whole = (place.folder / "app.intoto.jsonl").read_text()
        place.cli.write("cut.jsonl", whole[: len(whole) // 2])

        codes = [place("inspect", f"{n}.jsonl").code for n in ("bad", "cut", "missing")]

        assert codes == [1, 1, 2]
