"""Sigstore's conformance cases: each folder's name says how its bundle must be judged.

Bundles over a statement go through :class:`Prover`. Bundles over a file are not verified by
the product, so here sigstore's ``verify_artifact`` stands between our own checks, which are
the same for both.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pytest
from sigstore.models import Bundle

from slsa_gen.errors import SlsaGenError
from slsa_gen.evidence import bundle, certificate, failures, issuance, log
from slsa_gen.evidence.prove import Prover, check_lifetime, signing_certificate
from slsa_gen.evidence.sigstore_verifier import _AnyIdentity
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.instance import InstanceKind, SigstoreInstance
from slsa_gen.reasons import Reason
from tests.support.corpus import corpus_folder

if TYPE_CHECKING:
    from pathlib import Path

_MESSAGE_KINDS: Final = (("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2"))
#: Judged otherwise than the name says, and why.
_EXCEPTIONS: Final = {
    # A good bundle whose log entry is of a kind that sigstore-python does not verify.
    "intoto-with-custom-trust-root": Reason.LOG_ENTRY_KIND,
}
#: What each refusal is refused for; where several are wrong, what is found first.
REASONS: Final = {
    "bundle-empty-certificate-chain": Reason.EVIDENCE_BUNDLE,
    "bundle-from-wrong-instance": Reason.LOG_UNKNOWN,
    "bundle-malformed-json": Reason.EVIDENCE_JSON,
    "bundle-unknown-version": Reason.EVIDENCE_MEDIA_TYPE,
    "checkpoint-bad-keyhint": Reason.LOG_CHECKPOINT,
    "checkpoint-wrong-roothash": Reason.LOG_CHECKPOINT,
    "dsse-invalid-sig": Reason.SIGNATURE_INVALID,
    "dsse-mismatch-sig": Reason.LOG_ENTRY_MISMATCH,
    "incorrect-public-key": Reason.LOG_INCLUSION,
    "integrated-time-in-future": Reason.TIME_OUTSIDE_CERTIFICATE,
    "intoto-expired-certificate": Reason.LOG_ENTRY_KIND,
    "intoto-log-entry-mismatch": Reason.LOG_ENTRY_KIND,
    "intoto-missing-inclusion-proof": Reason.LOG_ENTRY_KIND,
    "intoto-set-outside-signing-cert-validity": Reason.LOG_ENTRY_KIND,
    "intoto-tsa-timestamp-outside-cert-validity": Reason.LOG_ENTRY_KIND,
    "invalid-ct-key": Reason.CERTIFICATE_SCT,
    # sigstore's own answer is a text that only a bundle over a file can have.
    "message-digest-mismatch": Reason.SIGNATURE_UNPROVED,
    "rekor2-checkpoint-missing-origin": Reason.LOG_CHECKPOINT,
    "rekor2-checkpoint-missing-root-hash": Reason.LOG_CHECKPOINT,
    "rekor2-checkpoint-missing-size": Reason.LOG_CHECKPOINT,
    "rekor2-checkpoint-no-matching-signature": Reason.LOG_CHECKPOINT,
    "rekor2-dsse-invalid-sig": Reason.SIGNATURE_INVALID,
    "rekor2-dsse-mismatch-envelope": Reason.LOG_ENTRY_MISMATCH,
    "rekor2-dsse-mismatch-sig": Reason.LOG_ENTRY_MISMATCH,
    "rekor2-no-inclusion-proof": Reason.LOG_INCLUSION,
    "rekor2-no-timestamp": Reason.TIME_MISSING,
    "rekor2-timestamp-outside-trust-root-tsa-validity": Reason.TIME_TIMESTAMP,
    "rekor2-timestamp-outside-tsa-cert-validity": Reason.TIME_TIMESTAMP,
    "rekor2-timestamp-untrusted-tsa-with-embedded-cert": Reason.TIME_TIMESTAMP,
    "rekor2-timestamp-untrusted-tsa-without-embedded-cert": Reason.TIME_TIMESTAMP,
    "trust-root-tlog-missing-validity-start": Reason.TRUST_ROOT,
    "wrong-hashedrekord-artifact": Reason.LOG_ENTRY_MISMATCH,
    "wrong-hashedrekord-entry": Reason.LOG_ENTRY_MISMATCH,
}


def cases() -> list[str]:
    """Return the names of the cases; one that skips where there is no corpus."""
    folder = corpus_folder()
    if folder is None:
        return [""]
    return sorted(
        path.name for path in (folder / "sigstore-conformance").iterdir() if path.is_dir()
    )


@pytest.mark.parametrize("name", cases())
def test_a_case_is_judged_as_its_name_says(
    name: str, corpus: Path, public_good: SigstoreInstance
) -> None:
    """A name that ends in _fail is refused for its reason, any other is accepted."""
    folder = corpus / "sigstore-conformance" / name
    own = folder / "trusted_root.json"
    root = own.read_bytes() if own.exists() else public_good.trusted_root
    instance = SigstoreInstance(name=name, kind=InstanceKind.NAMED, trusted_root=root)
    artifact = folder / "artifact"
    content = (artifact if artifact.exists() else folder.parent / "a.txt").read_bytes()
    expected = REASONS[name[: -len("_fail")]] if name.endswith("_fail") else _EXCEPTIONS.get(name)

    assert judged(instance, (folder / "bundle.sigstore.json").read_bytes(), content) is expected


def judged(instance: SigstoreInstance, data: bytes, content: bytes) -> Reason | None:
    """Return why a bundle is refused, or None."""
    try:
        judge(instance, data, content)
    except SlsaGenError as error:
        return error.reason
    return None


def judge(instance: SigstoreInstance, data: bytes, content: bytes) -> None:
    """Prove a bundle over a statement about the content, or over the content itself."""
    prover = Prover(instance)
    if b'"messageSignature"' in data:
        judge_message(prover, data, content)
        return
    subjects = prover.prove(Evidence("case", data)).statement.subjects
    digest = hashlib.sha256(content).hexdigest()
    assert any(d.hex == digest for subject in subjects for d in subject.digests)


def judge_message(prover: Prover, data: bytes, content: bytes) -> None:
    """Take the steps of :meth:`Prover._prove` for a bundle over a file."""
    parsed = bundle.parse(data, DEFAULT_LIMITS)
    assert parsed.message is not None
    signing = signing_certificate(parsed)
    entry = log.only_entry(parsed, _MESSAGE_KINDS)
    trusted_log = log.log_of(entry, prover._roots)
    times = prover._times(parsed, entry, parsed.message.signature, trusted_log)
    check_lifetime(signing, times)
    verifier = prover._verifier._verifiers[entry.log_id]
    try:
        verifier.verify_artifact(content, Bundle.from_json(data), _AnyIdentity())
    except failures.REFUSALS as error:
        raise failures.refusal(error) from error
    log.check_period(trusted_log, times)
    log.check_consistency(entry, trusted_log, DEFAULT_LIMITS)
    issuance.issuing_authority(signing, prover._roots, times)
    issuance.certificate_log(signing, prover._roots)
    certificate.signer_identity(signing)
