"""``attest`` as a workflow's run types it: what is signed, reused and refused, in any place."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography import x509

from slsa_gen.evidence import der_text
from slsa_gen.sandbox.certificates import FULCIO_ARC

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parity.place import Place

#: From this number on Fulcio's extensions are DER; the older ones are bare text.
FIRST_DER: Final = 8
LIFE: Final = timedelta(minutes=10)
CONTENT: Final = "content\n"
OWN: Final = "https://example.com/own/v1"
NUMBERS: Final = '{"big": 12345678901234567890, "ratio": 0.5}'
SBOMS: Final = {
    "https://cyclonedx.org/bom": {"bomFormat": "CycloneDX", "specVersion": "1.6"},
    "https://spdx.dev/Document/v2.3": {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT"},
}


def statements(path: Path) -> list[dict[str, Any]]:
    """Return the statements of a bundle file."""
    return [
        json.loads(base64.b64decode(json.loads(line)["dsseEnvelope"]["payload"]))
        for line in path.read_bytes().splitlines()
    ]


def subjects(path: Path) -> list[dict[str, Any]]:
    """Return the subjects of all statements of a bundle file."""
    return [subject for statement in statements(path) for subject in statement["subject"]]


def certificate_of(path: Path) -> list[str]:
    """Return what the first bundle's certificate says, without what differs each time."""
    bundle = json.loads(path.read_bytes().splitlines()[0])
    raw = base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"])
    certificate = x509.load_der_x509_certificate(raw)
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return [
        f"subject {certificate.subject.rfc4514_string()!r}",
        f"key {certificate.public_key().__class__.__name__}",
        f"life {life}",
        *sorted(_told(extension) for extension in certificate.extensions),
    ]


def _told(extension: x509.Extension[x509.ExtensionType]) -> str:
    oid, value = extension.oid.dotted_string, extension.value
    start = f"{oid} critical={extension.critical}"
    if isinstance(value, x509.SubjectAlternativeName):
        return f"{start} {[name.value for name in value]}"
    if not oid.startswith(FULCIO_ARC):
        return start
    data = value.public_bytes()
    text = data.decode() if int(oid.rpartition(".")[2]) < FIRST_DER else der_text.decode(data)
    return f"{start} {text}"


class Attesting:
    """What is attested, and how it is told."""

    def test_one_file_gets_a_bundle_beside_it(self, place: Place) -> None:
        """One JSON document on one line, with the file's digest."""
        place.cli.write("dist/app.tar.gz", CONTENT)

        outcome = place.attest("dist/app.tar.gz")

        bundle = place.folder / "dist/app.tar.gz.intoto.jsonl"
        digest = hashlib.sha256(CONTENT.encode()).hexdigest()
        assert outcome.code == 0, outcome.err
        assert bundle.read_bytes().count(b"\n") == 1
        assert bundle.read_bytes().endswith(b"}\n")
        assert subjects(bundle) == [{"digest": {"sha256": digest}, "name": "app.tar.gz"}]
        assert f"  sha256:{digest}  app.tar.gz\n" in outcome.out

    def test_the_certificate_says_of_the_run_what_fulcio_says(self, place: Place) -> None:
        """Each extension is there, as critical as there, with the same text."""
        place.cli.write("app")
        place.attest("app")

        said = certificate_of(place.folder / "app.intoto.jsonl")

        place.keep("".join(f"{line}\n" for line in said))
        assert f"life {LIFE}" in said

    def test_several_files_get_one_bundle_in_their_common_folder(self, place: Place) -> None:
        """It is called multiple.intoto.jsonl; evidence that lies there is left out."""
        place.cli.write("dist/x/a")
        place.cli.write("dist/y/b")
        place.cli.write("dist/y/other.intoto.jsonl", "{}\n")

        outcome = place.attest("dist/**")

        assert outcome.code == 0, outcome.err
        found = subjects(place.folder / "dist/multiple.intoto.jsonl")
        assert [subject["name"] for subject in found] == ["a", "b"]
        assert "left out, since it is evidence and not a product" in outcome.err

    def test_names_may_be_paths_and_digests_may_be_two(self, place: Place) -> None:
        """--names relative and --sha512."""
        place.cli.write("dist/x/same", "1")
        place.cli.write("dist/y/same", "2")

        assert place.attest("dist/**", "--names", "relative", "--sha512").code == 0

        found = subjects(place.folder / "dist/multiple.intoto.jsonl")
        assert [subject["name"] for subject in found] == ["dist/x/same", "dist/y/same"]
        assert all(sorted(subject["digest"]) == ["sha256", "sha512"] for subject in found)

    def test_every_kind_of_subject_may_be_combined(self, place: Place) -> None:
        """A file, a checksum file, digests, and base64 as text and as a file."""
        place.cli.write("a")
        place.cli.write("SUMS", f"{'b' * 64}  b\n")
        encoded = base64.b64encode(f"{'c' * 64}  c\n".encode()).decode()
        place.cli.write("encoded", base64.b64encode(f"{'d' * 64}  d\n".encode()))

        outcome = place.attest(
            *("a", "--subject-checksums", "SUMS", "--base64-subjects", encoded),
            *("--base64-subjects-as-file", "encoded", "--subject-digest", f"e@sha256:{'E' * 64}"),
            *("--format", "json"),
        )

        (result,) = outcome.results
        assert [subject["name"] for subject in result["subjects"]] == ["a", "b", "c", "d", "e"]
        assert result["bundle"] == "multiple.intoto.jsonl"
        assert result["predicateType"] == "https://slsa.dev/provenance/v1"
        assert result["extraLogEntries"] == 0

    def test_an_image_by_digest_gets_a_bundle_here(self, place: Place) -> None:
        """There is no file to lie beside."""
        outcome = place.attest("--subject-digest", f"ghcr.io/octo/app@sha256:{'e' * 64}")

        assert outcome.code == 0, outcome.err
        assert (place.folder / "app.intoto.jsonl").exists()

    def test_more_than_1024_subjects_become_several_lines(self, place: Place) -> None:
        """Each statement holds what others verify in one; one certificate is enough."""
        place.cli.write("SUMS", "".join(f"{n:064x}  f{n}\n" for n in range(1026)))

        outcome = place.attest("--subject-checksums", "SUMS")

        path = place.folder / "multiple.intoto.jsonl"
        assert outcome.code == 0, outcome.err
        assert [len(statement["subject"]) for statement in statements(path)] == [1024, 2]
        assert "attested 1,026 subjects in 2 statements" in outcome.out
        bundles = [json.loads(line) for line in path.read_text().splitlines()]
        assert len({b["verificationMaterial"]["certificate"]["rawBytes"] for b in bundles}) == 1

    def test_a_dry_run_prints_the_statement_that_would_be_signed(self, place: Place) -> None:
        """And signs nothing, with a name that neither runner nor terminal obeys."""
        place.cli.write("app", CONTENT)

        dry = place.attest("--dry-run", "app", "--subject-digest", f"##[error]@sha256:{'0' * 64}")
        own = place.attest("--dry-run", "app", "--predicate-type", OWN, "--predicate", NUMBERS)

        assert json.loads(dry.out)["predicateType"] == "https://slsa.dev/provenance/v1"
        assert "##[" not in dry.out
        assert json.loads(dry.out)["subject"][0]["name"] == "##[error]"
        assert json.loads(own.out)["predicate"] == json.loads(NUMBERS)
        assert not list(place.folder.glob("*.jsonl"))

    def test_an_sbom_is_recognised_and_attested(self, place: Place) -> None:
        """Its own words say which kind it is."""
        place.cli.write("app")
        for kind, document in SBOMS.items():
            name = place.cli.write("sbom.json", json.dumps(document)).name
            place.attest("app", "--sbom-path", name, "--overwrite")
            (statement,) = statements(place.folder / "app.intoto.jsonl")
            assert statement["predicateType"] == kind

    def test_a_predicate_of_one_s_own_is_attested(self, place: Place) -> None:
        """As text or as a file; numbers stay what they are."""
        place.cli.write("app")
        place.cli.write("p.json", NUMBERS)
        for how, value in (("--predicate", NUMBERS), ("--predicate-path", "p.json")):
            output = f"{how.strip('-')}.intoto.jsonl"
            outcome = place.attest("app", "--predicate-type", OWN, how, value, "--output", output)
            (statement,) = statements(place.folder / output)
            assert statement["predicate"] == json.loads(NUMBERS)
            assert f"--predicate-type {OWN}" in outcome.out

    def test_a_repeated_run_reuses_what_is_there(self, place: Place) -> None:
        """Nothing is signed anew, in the same run and in another of the same commit."""
        place.cli.write("a")
        place.attest("a")
        before = (place.folder / "a.intoto.jsonl").read_bytes()

        again = place.attest("a")
        place.begin()
        later = place.attest("a", "--format", "json")

        assert again.out.splitlines()[0] != ""
        assert "already attested 1 subject" in again.out
        assert later.code == 0
        assert (place.folder / "a.intoto.jsonl").read_bytes() == before

    def test_a_changed_file_does_not_silently_replace_its_bundle(self, place: Place) -> None:
        """--overwrite is needed, and then does it."""
        place.cli.write("a", "1")
        place.attest("a")
        place.cli.write("a", "2")

        refused = place.attest("a")
        replaced = place.attest("a", "--overwrite")

        assert (refused.code, refused.reason) == (2, "usage.output-exists")
        assert replaced.code == 0

    def test_a_configuration_without_a_run_is_not_enough(self, place: Place) -> None:
        """There must be a token, and it must be of the run's issuer."""
        place.cli.write("a")
        del place.cli.variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        without = place.attest("a")
        place.cli.variables["SIGSTORE_ID_TOKEN"] = "no token"
        wrong = place.attest("a")

        assert without.code == wrong.code == 3
        assert not list(place.folder.glob("*.jsonl"))


#: What is refused, and the reason.
REFUSED: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "nothing": ((), "subject.none"),
    "a pattern that matches nothing": (("no-such-*",), "subject.no-match"),
    "a file that is not there": (("no-such",), "subject.no-match"),
    "two files of one name": (("a", "d/a"), "subject.name-clash"),
    "no list": (("--subject-checksums", "absent"), "subject.list-missing"),
    "a line that is no checksum": (("--subject-checksums", "bad"), "subject.list-line"),
    "a digest that is no hex": (("--subject-checksums", "no-hex"), "subject.list-line"),
    "an empty list": (("--subject-checksums", "empty"), "subject.list-empty"),
    "no base64": (("--base64-subjects", "%%%"), "subject.base64"),
    "a short digest": (("--subject-digest", "a@sha256:12"), "subject.digest"),
    "a digest without a name": (("--subject-digest", f"sha256:{'0' * 64}"), "subject.name-missing"),
    "a link out of the workspace": (("out",), "subject.link-leaves"),
    "a link in the bundle's place": (
        ("a", "--output", "dangling.intoto.jsonl"),
        "usage.output-exists",
    ),
    "itself as output": (("a", "--output", "a", "--overwrite"), "usage.option"),
    "no time": (("a", "--retry-budget", "0"), "usage.option"),
    "a predicate without a type": (("a", "--predicate", "{}"), "usage.predicate"),
    "no predicate": (("a", "--predicate-type", OWN, "--predicate", "{"), "usage.predicate"),
    "no SBOM": (("a", "--sbom-path", "bad"), "usage.sbom"),
}


class RefusingInputs:
    """What is refused before anything is signed; each with what to do."""

    @pytest.fixture(autouse=True)
    def files(self, place: Place) -> None:
        """Write what the refusals are about."""
        place.cli.write("a")
        place.cli.write("d/a", "other")
        place.cli.write("bad", "not a checksum\n")
        place.cli.write("empty", "")
        place.cli.write("no-hex", f"{'g' * 64}  a\n")
        (place.folder / "out").symlink_to("/etc/hostname")
        (place.folder / "dangling.intoto.jsonl").symlink_to("nowhere")

    @pytest.mark.parametrize("what", REFUSED)
    def test_it_is_refused(self, place: Place, what: str) -> None:
        """Exit code 2, a message, something to do, and a reason; also as a document."""
        arguments, reason = REFUSED[what]
        outcome = place.attest(*arguments)
        document = place.attest(*arguments, "--format", "json").document

        assert (outcome.code, outcome.reason) == (2, reason)
        assert "\n  to do: " in outcome.err
        (error,) = document["errors"]
        assert error["reason"] == reason
        assert document["results"] == []
        assert [path.name for path in place.folder.glob("*.jsonl")] == ["dangling.intoto.jsonl"]
