"""Real bundles, judged by what their users would ask."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.evidence.prove import Prover
from slsa_gen.evidence.read import read_file
from slsa_gen.model.digest import Digest
from slsa_gen.model.instance import InstanceKind, SigstoreInstance
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from tests.unit.policy.cases import failed

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.model.verdict import AttestationVerdict

PROVENANCE = "wrangle-python-provenance"
SIGNER = {"repo": "TomHennen/wrangle-test", "signer_repo": "TomHennen/wrangle"}
VSA = "https://slsa.dev/verification_summary/v1"


def judged(corpus: Path, bundle: str, artifact: str, **words: Any) -> AttestationVerdict:  # noqa: ANN401 (the words of a policy)
    """Judge a file by a bundle beside it."""
    root = files("slsa_gen.trust").joinpath("data/public-good/trusted_root.json").read_bytes()
    instance = SigstoreInstance("public-good", InstanceKind.PUBLIC_GOOD, trusted_root=root)
    folder = corpus / "real-world"
    (evidence,) = read_file(folder / bundle)
    digest = Digest.make("sha256", hashlib.sha256((folder / artifact).read_bytes()).hexdigest())
    return evaluate(Prover(instance).prove(evidence), (digest,), Policy.make(**words))


def wheel(corpus: Path, **words: Any) -> AttestationVerdict:  # noqa: ANN401 (the words of a policy)
    """Judge the wheel whose provenance a reusable workflow signed."""
    return judged(corpus, f"{PROVENANCE}.intoto.jsonl", f"{PROVENANCE}-package.whl", **words)


def test_the_provenance_of_a_reusable_workflow_is_accepted(corpus: Path) -> None:
    """With the repository of the workflow named, whatever the case of the names."""
    verdict = wheel(corpus, **SIGNER)
    assert verdict.accepted
    assert verdict.level is not None
    assert verdict.level.level == 2
    assert wheel(corpus, repo="tomhennen/WRANGLE-test", signer_repo="tomhennen/wrangle").accepted
    assert wheel(corpus, owner="TomHennen").accepted
    assert wheel(
        corpus,
        **SIGNER,
        source_tag="v20260620-44a586d",
        source_digest="c747e27cd5925a8b28615ea73547239a060025b5",
        repository_id="1215398547",
        deny_self_hosted_runners=True,
    ).accepted


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"repo": "TomHennen/wrangle-test"}, "signer.workflow"),
        ({"repo": "TomHennen/wrangle"}, "source.repository"),
        ({**SIGNER, "source_tag": "v20260620"}, "source.ref"),
        ({**SIGNER, "source_branch": "main"}, "source.ref"),
        ({**SIGNER, "source_digest": "b" * 40}, "source.digest"),
        ({**SIGNER, "predicate_type": VSA}, "predicate.type"),
        ({**SIGNER, "cert_oidc_issuer": "https://example.com"}, "signer.issuer"),
        ({"owner": "tomhenne"}, "source.owner"),
    ],
)
def test_everything_else_is_refused(corpus: Path, words: dict[str, Any], reason: str) -> None:
    """Each for its reason."""
    verdict = wheel(corpus, **words)
    assert not verdict.accepted
    assert reason in failed(verdict)


def test_another_file_is_refused(corpus: Path) -> None:
    """The bundle is good, and of another wheel."""
    verdict = judged(corpus, f"{PROVENANCE}.intoto.jsonl", "wrangle-python-package.whl", **SIGNER)
    assert failed(verdict) == ["subject.digest-not-in-statement"]


@pytest.mark.parametrize(
    ("bundle", "artifact"),
    [
        ("wrangle-python-vsa.intoto.jsonl", "wrangle-python-package.whl"),
        ("wrangle-npm-vsa.intoto.jsonl", "wrangle-npm-package.tgz"),
    ],
)
def test_a_summary_is_accepted_where_it_is_asked_for(
    corpus: Path, bundle: str, artifact: str
) -> None:
    """A VSA is no provenance, and reaches no level by itself."""
    assert failed(judged(corpus, bundle, artifact, owner="TomHennen")) == ["predicate.type"]
    verdict = judged(corpus, bundle, artifact, owner="TomHennen", predicate_type=VSA)
    assert verdict.accepted
    assert verdict.level is not None
    assert verdict.level.level == 0
