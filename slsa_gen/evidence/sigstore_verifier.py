"""sigstore's ``Verifier`` behind a small door: our errors, and one log at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.verify import Verifier

from slsa_gen import strictjson
from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import failures, roots
from slsa_gen.evidence.fields import Fields
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from slsa_gen.evidence.bundle import Envelope, ParsedBundle
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance

#: sigstore reads a trusted root from a file, or inside a client trust configuration: this
#: empty one lets a root be handed over as a value, by public names and without a file.
_NO_SIGNING: dict[str, object] = {
    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"
}


class _AnyIdentity:
    """sigstore's policy object, satisfied by everyone: who signed is judged by ``policy``."""

    def verify(self, cert: Certificate) -> None:
        """Accept the certificate's identity."""


class SigstoreVerifier:
    """Proves signature, chain, SCT and log entry of a bundle.

    sigstore tries every log's key when it does not know the id that an entry carries. So
    that a key speaks for its own log alone, each log has a verifier whose root holds no other.

    Args:
        instance: Whom to trust.
        limits: What is bounded.

    Raises:
        TrustError: sigstore does not take the trusted root.
    """

    def __init__(self, instance: SigstoreInstance, limits: Limits) -> None:
        self._limits = limits
        try:
            document = strictjson.loads_object(
                instance.trusted_root, max_bytes=limits.trust_bytes, max_depth=limits.json_depth
            )
            self._verifiers = _verifiers(document)
        except failures.REFUSALS as error:
            raise roots.malformed(instance, "sigstore cannot read it") from error

    def verify_envelope(self, data: bytes, parsed: ParsedBundle, envelope: Envelope) -> None:
        """Prove a bundle with an envelope, and that sigstore read in it what we read.

        Raises:
            UntrustedSignatureError: something does not hold.
        """
        try:
            bundle = Bundle.from_json(self._whole(data, parsed))
            verifier = self._verifiers[parsed.entries[0].log_id]
            payload_type, payload = verifier.verify_dsse(bundle, _AnyIdentity())
            same = (
                payload_type == envelope.payload_type
                and payload == envelope.payload
                and bundle.signature == envelope.signatures[0]
                and _der(bundle) == parsed.certificates[0]
            )
        except failures.REFUSALS as error:
            raise failures.refusal(error) from error
        if not same:
            raise UntrustedSignatureError(
                "the bundle reads differently to two readers",
                reason=Reason.SIGNATURE_UNPROVED,
                hint="Do not trust it: whoever made it may have meant to deceive.",
            )

    def _whole(self, data: bytes, parsed: ParsedBundle) -> bytes:
        """Return a bundle with what protobuf's JSON leaves out and sigstore demands.

        Go's clients write no zero and no empty list: the first entry of a log has its two
        indices, and the hashes of its proof, left out.
        """
        entry = parsed.entries[0]
        proof = entry.inclusion_proof
        if proof is None or (entry.log_index and proof.log_index and proof.hashes):
            return data
        document: Any = strictjson.loads_object(
            data, max_bytes=self._limits.bundle_bytes, max_depth=self._limits.json_depth
        )
        written = document["verificationMaterial"]["tlogEntries"][0]
        written["logIndex"] = str(entry.log_index)
        written["inclusionProof"]["logIndex"] = str(proof.log_index)
        written["inclusionProof"].setdefault("hashes", [])
        return strictjson.dumps(document)


def _verifiers(document: dict[str, object]) -> dict[bytes, Verifier]:
    result: dict[bytes, Verifier] = {}
    root = Fields(document, "trusted root")
    items = document.get("tlogs")
    for number, item in enumerate(root.objects("tlogs")):
        one = items[number : number + 1] if isinstance(items, list) else []
        config = {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": document | {"tlogs": one},
            "signingConfig": _NO_SIGNING,
        }
        trusted = ClientTrustConfig.from_json(strictjson.dumps(config).decode()).trusted_root
        result[item.nested("logId").data("keyId")] = Verifier(trusted_root=trusted)
    return result


def _der(bundle: Bundle) -> bytes:
    return bundle.signing_certificate.public_bytes(Encoding.DER)
