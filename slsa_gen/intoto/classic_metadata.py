"""Classic in-toto metadata: a link or a layout with its signatures, in either form.

The older form signs the canonical JSON of the object below ``signed``; the newer one is a
DSSE envelope. Both are read strictly: one meaning, bounded, nothing ignored that a signature
does not cover.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from in_toto.models.metadata import Metadata as PackageMetadata
from securesystemslib.exceptions import Error as SecureSystemsError

from slsa_gen import strictjson
from slsa_gen.evidence import canonical_base64
from slsa_gen.intoto.classic_documents import (
    ClassicSyntaxError,
    Layout,
    Link,
    canonical,
    layout_of,
    link_of,
)
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.text import harmless
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.limits import Limits

#: The payload type of both a link and a layout in an envelope.
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_ENVELOPE: Final = frozenset({"payload", "payloadType", "signatures"})
_BLOCK: Final = frozenset({"signed", "signatures"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """A link or a layout, what is signed of it, and the signatures by key id.

    Nothing here is proved: :meth:`signed_by` asks a key.
    """

    content: Link | Layout
    signed: bytes
    signatures: Mapping[str, bytes]
    document: Mapping[str, object]

    def signed_by(self, key: PublicKey) -> bool:
        """Tell whether the key's signature is there and holds."""
        signature = self.signatures.get(key.keyid)
        return signature is not None and key.has_signed(signature, self.signed)

    def of_package(self) -> PackageMetadata:
        """Return the same as the ``in-toto`` package holds it.

        Raises:
            ClassicSyntaxError: the package does not take it.
        """
        try:
            metadata = PackageMetadata.from_dict(deepcopy(dict(self.document)))
            metadata.get_payload()
        except (SecureSystemsError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ClassicSyntaxError(
                f"in-toto does not read it: {harmless(str(error), 200)}"
            ) from error
        return metadata


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Metadata:
    """Read classic metadata.

    Raises:
        ClassicSyntaxError: it is none, or ambiguous; the message says where and why.
    """
    try:
        document = strictjson.loads_object(
            data, max_bytes=limits.classic_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise ClassicSyntaxError(str(error)) from error
    if "payload" in document:
        return _envelope(document, limits)
    if "signed" in document:
        return _block(document, limits)
    raise ClassicSyntaxError("neither signed (older form) nor payload (an envelope) is there")


def _envelope(document: dict[str, object], limits: Limits) -> Metadata:
    _only(document, _ENVELOPE)
    if document.get("payloadType") != PAYLOAD_TYPE:
        raise ClassicSyntaxError(
            f"its payload type is {_words(document.get('payloadType'))}, not {PAYLOAD_TYPE!r}"
        )
    payload = _decoded(document["payload"])
    signatures = {keyid: _decoded(signature) for keyid, signature in _signatures(document).items()}
    try:
        content = strictjson.loads_object(
            payload, max_bytes=limits.classic_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise ClassicSyntaxError(f"its payload: {error}") from error
    pae = b"DSSEv1 %d %b %d %b" % (
        len(PAYLOAD_TYPE),
        PAYLOAD_TYPE.encode(),
        len(payload),
        payload,
    )
    return Metadata(_content(content, limits), pae, signatures, document)


def _block(document: dict[str, object], limits: Limits) -> Metadata:
    _only(document, _BLOCK)
    signed = document["signed"]
    if not isinstance(signed, dict):
        raise ClassicSyntaxError("signed is an object")
    signatures = {}
    for keyid, signature in _signatures(document).items():
        if not isinstance(signature, str) or not _HEX.fullmatch(signature):
            raise ClassicSyntaxError("a signature is not hexadecimal")
        signatures[keyid] = bytes.fromhex(signature)
    content = _content(signed, limits)
    return Metadata(content, canonical(signed), signatures, document)


def _content(document: dict[str, object], limits: Limits) -> Link | Layout:
    kind = document.get("_type")
    if kind == "link":
        return link_of(document, limits)
    if kind == "layout":
        return layout_of(document, limits)
    raise ClassicSyntaxError(f"its _type is {_words(kind)}, neither 'link' nor 'layout'")


def _signatures(document: Mapping[str, object]) -> dict[str, object]:
    listed = document.get("signatures")
    if not isinstance(listed, list):
        raise ClassicSyntaxError("signatures is a list")
    found: dict[str, object] = {}
    for entry in listed:
        if not isinstance(entry, dict):
            raise ClassicSyntaxError("a signature is an object")
        keyid = entry.get("keyid")
        if not isinstance(keyid, str) or "sig" not in entry:
            raise ClassicSyntaxError("a signature has a keyid and a sig (GnuPG's is not read)")
        if keyid in found:
            raise ClassicSyntaxError(f"two signatures by the key {shown(keyid)}")
        found[keyid] = entry["sig"]
    return found


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise ClassicSyntaxError("payload and signatures are texts in base64")
    try:
        return canonical_base64.decode(text)
    except canonical_base64.Base64Error as error:
        raise ClassicSyntaxError(f"not base64: {error}") from error


def _words(value: object) -> str:
    return shown(value) if isinstance(value, str) else strictjson.kind(value)


def _only(document: Mapping[str, object], known: frozenset[str]) -> None:
    unknown = sorted(set(document) - known)
    if unknown:
        raise ClassicSyntaxError(
            f"the field {shown(unknown[0])} is not known, and nothing signs it"
        )
