"""The door to sigstore: what it hands out must be what we read."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen import strictjson
from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import bundle
from slsa_gen.evidence.prove import Prover
from slsa_gen.evidence.sigstore_verifier import SigstoreVerifier
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.evidence import Evidence
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import BEFORE, Forge, encoded, log_id, signed

if TYPE_CHECKING:
    from slsa_gen.evidence.bundle import Envelope, ParsedBundle


def parts(forge: Forge) -> tuple[bytes, ParsedBundle, Envelope]:
    """Return a bundle's bytes, and what we read in it."""
    data = forge.evidence().bundle
    parsed = bundle.parse(data, DEFAULT_LIMITS)
    assert parsed.envelope is not None
    return data, parsed, parsed.envelope


def test_a_good_bundle_reads_alike() -> None:
    """Nothing is raised."""
    forge = Forge()
    SigstoreVerifier(forge.instance(), DEFAULT_LIMITS).verify_envelope(*parts(forge))


@pytest.mark.parametrize("part", ["payload", "payload_type", "signatures", "certificates"])
def test_a_bundle_that_reads_differently_is_refused(part: str) -> None:
    """Should a reader ever see another value than sigstore verified, nothing is believed."""
    forge = Forge()
    data, parsed, envelope = parts(forge)
    if part == "certificates":
        parsed = replace(parsed, certificates=(b"another",))
    elif part == "signatures":
        envelope = replace(envelope, signatures=(b"another",))
    elif part == "payload":
        envelope = replace(envelope, payload=b"another")
    else:
        envelope = replace(envelope, payload_type="another")
    verifier = SigstoreVerifier(forge.instance(), DEFAULT_LIMITS)
    with pytest.raises(UntrustedSignatureError, match="reads differently") as caught:
        verifier.verify_envelope(data, parsed, envelope)
    assert caught.value.reason is Reason.SIGNATURE_UNPROVED


def test_a_key_speaks_for_its_own_log_alone() -> None:
    """An id that is no key's makes sigstore try all keys; here the other log's does not count.

    The root declares a second log under a made-up id. An entry that carries this id, but is
    signed by the first log's key, is not an entry of the second.
    """
    forge = Forge()
    root = forge.root()
    second = copy.deepcopy(Forge._log("second", BEFORE, None))
    made_up = log_id("log")[:4] + b"x" * 28
    second["logId"] = {"keyId": encoded(made_up)}
    root["tlogs"].append(second)
    document = forge.document()
    entry = document["verificationMaterial"]["tlogEntries"][0]
    entry["logId"] = {"keyId": encoded(made_up)}
    seconds = int(entry["integratedTime"])
    promised = (
        f'{{"body":"{entry["canonicalizedBody"]}","integratedTime":{seconds},'
        f'"logID":"{made_up.hex()}","logIndex":1}}'
    )
    entry["inclusionPromise"] = {"signedEntryTimestamp": encoded(signed("log", promised.encode()))}

    prover = Prover(replace(forge.instance(), trusted_root=strictjson.dumps(root)))
    assert prover.prove(forge.evidence()).signed_at == forge.not_before
    with pytest.raises(UntrustedSignatureError) as caught:
        prover.prove(Evidence("x", strictjson.dumps(document)))
    assert caught.value.reason is Reason.LOG_CHECKPOINT
