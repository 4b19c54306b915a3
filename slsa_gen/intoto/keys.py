"""Keys of classic in-toto metadata: RSA, ECDSA and Ed25519, held in files.

Key ids and signatures are ``securesystemslib``'s, which ``in-toto`` builds upon. Its table of
keys has more than files: a scheme named in a layout may ask a network service, or read a
keyring. Only what is listed here is used, whatever a document names.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import (  # type: ignore[attr-defined]  # it lists no public names
    Signature,
    SSlibKey,
)

from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

#: The kinds of key, and the schemes by which each signs.
SCHEMES: Final = {
    "rsa": frozenset(
        f"{padding}-sha{bits}"
        for padding in ("rsassa-pss", "rsa-pkcs1v15")
        for bits in (256, 384, 512)
    ),
    "ecdsa": frozenset(f"ecdsa-sha2-nistp{bits}" for bits in (256, 384, 521)),
    "ed25519": frozenset({"ed25519"}),
}
#: Digits of a key id that a link's file name carries.
SHORT_ID: Final = 8
_ID: Final = re.compile(r"[0-9a-fA-F]{8,128}")
_ED25519: Final = re.compile(r"[0-9a-fA-F]{64}")
_LEAST_RSA_BITS: Final = 2048
_FIELDS: Final = frozenset({"keyid", "keytype", "scheme", "keyval", "keyid_hash_algorithms"})


class KeySyntaxError(ValueError):
    """What should be a public key is none that is used here; the message says why."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, under the id that metadata knows it by.

    ``value`` is the key as metadata carries it: PEM, or hexadecimal for Ed25519.
    ``fingerprint`` is the SHA-256 of its SubjectPublicKeyInfo: two keys with one fingerprint
    are one key, whatever their ids say.
    """

    keyid: str
    keytype: str
    scheme: str
    value: str
    fingerprint: str

    @property
    def short_id(self) -> str:
        """Return the part of the id that a link's file name carries."""
        return self.keyid[:SHORT_ID]

    def document(self) -> dict[str, object]:
        """Return the key as metadata and the ``in-toto`` package hold it."""
        return {
            "keyid": self.keyid,
            "keytype": self.keytype,
            "scheme": self.scheme,
            "keyval": {"public": self.value},
        }

    def has_signed(self, signature: bytes, data: bytes) -> bool:
        """Tell whether a signature over some bytes is this key's."""
        key = SSlibKey(self.keyid, self.keytype, self.scheme, {"public": self.value})
        try:
            key.verify_signature(Signature(self.keyid, signature.hex()), data)
        except UnverifiedSignatureError:
            return False
        return True


def public_key_of_pem(pem: bytes) -> PublicKey:
    """Return a key from its SubjectPublicKeyInfo in PEM, under the id that in-toto computes.

    Raises:
        KeySyntaxError: not PEM, or a key of another kind.
    """
    key = _loaded(pem)
    try:
        known = SSlibKey.from_crypto(key)
    except ValueError as error:
        raise KeySyntaxError(f"a key of another kind than {_kinds()}") from error
    return _checked(known.keyid, known.keytype, known.scheme, known.keyval["public"])


def public_key_of_document(keyid: str, document: object) -> PublicKey:
    """Return a key that stands in a layout.

    Args:
        keyid: The id under which it stands there.
        document: What stands there.

    Raises:
        KeySyntaxError: another id than its own, a kind or scheme that is not used here, or
            no key at all.
    """
    if not _ID.fullmatch(keyid):
        raise KeySyntaxError("a key id has 8 to 128 hexadecimal digits")
    if not isinstance(document, dict):
        raise KeySyntaxError("a key is an object")
    unknown = sorted(set(document) - _FIELDS)
    if unknown:
        raise KeySyntaxError(f"the field {shown(unknown[0])} is not known (is it a key of GnuPG?)")
    hashes = document.get("keyid_hash_algorithms") or []
    if not isinstance(hashes, list) or not all(isinstance(name, str) for name in hashes):
        raise KeySyntaxError("keyid_hash_algorithms is a list of texts")
    if document.get("keyid") != keyid:
        raise KeySyntaxError("it calls itself by another key id")
    keytype, scheme, public = _parts(document)
    return _checked(keyid, keytype, scheme, public)


def _parts(document: Mapping[str, object]) -> tuple[str, str, str]:
    keyval = document.get("keyval")
    public = keyval.get("public") if isinstance(keyval, dict) else None
    if isinstance(keyval, dict) and not all(isinstance(part, str) for part in keyval.values()):
        public = None
    keytype, scheme = document.get("keytype"), document.get("scheme")
    if not isinstance(keytype, str) or not isinstance(scheme, str) or not isinstance(public, str):
        raise KeySyntaxError("keytype, scheme and keyval.public are texts")
    return keytype, scheme, public


def _checked(keyid: str, keytype: str, scheme: str, public: str) -> PublicKey:
    if scheme not in SCHEMES.get(keytype, ()):
        raise KeySyntaxError(
            f"{shown(keytype)} with {shown(scheme)} is not used here, only {_kinds()}"
        )
    if keytype == "ed25519":
        if not _ED25519.fullmatch(public):
            raise KeySyntaxError("an Ed25519 key has 64 hexadecimal digits")
        return PublicKey(keyid, keytype, scheme, public, _digest(bytes.fromhex(public)))
    key = _loaded(public.encode())
    try:
        known = SSlibKey.from_crypto(key)
    except ValueError as error:
        raise KeySyntaxError(f"a key of another kind than {_kinds()}") from error
    if known.keytype != keytype or (keytype == "ecdsa" and known.scheme != scheme):
        raise KeySyntaxError(
            f"it is said to be {keytype}/{scheme}, and is {known.keytype}/{known.scheme}"
        )
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        raise KeySyntaxError(
            f"an RSA key of {key.key_size} bits; at least {_LEAST_RSA_BITS} are demanded"
        )
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(keyid, keytype, scheme, public, _digest(encoded))


def _loaded(pem: bytes) -> PublicKeyTypes:
    try:
        return load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeySyntaxError("not a public key in PEM (SubjectPublicKeyInfo)") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _kinds() -> str:
    return ", ".join(SCHEMES)
