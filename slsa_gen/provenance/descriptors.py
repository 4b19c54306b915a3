"""Subjects as a statement of any maker lists them: ResourceDescriptors with digests.

https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md. A statement
holds up to 1,024 of them, and a schema's validator takes 100 times as long as these lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.model.digest import HEX_LENGTHS, Digest, DigestSyntaxError
from slsa_gen.model.subject import Subject
from slsa_gen.provenance.schemas import SchemaMismatchError

if TYPE_CHECKING:
    from slsa_gen.limits import Limits

#: What a digest of an algorithm that we do not know may look like, so that it can be shown.
_ALGORITHM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,63}")
_VALUE: Final = re.compile(r"[!-~]{1,512}")

_TEXT_FIELDS: Final = ("name", "uri", "content", "downloadLocation", "mediaType")


def read_subject(entry: object, place: str, limits: Limits, *, named: bool) -> Subject:
    """Return the subject that a descriptor describes.

    Args:
        entry: The descriptor, as parsed from JSON.
        place: Its JSON path, for the message.
        limits: How many digests it may have.
        named: Whether it must have a name (statement v0.1).

    Raises:
        SchemaMismatchError: It is not a descriptor with digests, or one of an algorithm
            that we know is not canonical.
    """
    if not isinstance(entry, dict):
        raise SchemaMismatchError(f"{place}: a subject is an object")
    for field in _TEXT_FIELDS:
        if not isinstance(entry.get(field), str | None):
            raise SchemaMismatchError(f"{place}.{field}: a string was expected")
    if not isinstance(entry.get("annotations"), dict | None):
        raise SchemaMismatchError(f"{place}.annotations: an object was expected")
    name = entry.get("name") or ""
    if named and not name:
        raise SchemaMismatchError(f"{place}.name: a subject of statement v0.1 has a name")
    return Subject(name, _digests(entry.get("digest"), f"{place}.digest", limits))


def _digests(found: object, place: str, limits: Limits) -> tuple[Digest, ...]:
    if not isinstance(found, dict) or not found:
        raise SchemaMismatchError(f"{place}: every subject needs at least one digest")
    if len(found) > limits.digests_per_subject:
        raise SchemaMismatchError(
            f"{place}: {len(found)} digests, at most {limits.digests_per_subject} are read"
        )
    return tuple(sorted(_digest(name, value, place) for name, value in found.items()))


def _digest(algorithm: str, value: object, place: str) -> Digest:
    if not isinstance(value, str) or not _ALGORITHM.fullmatch(algorithm):
        raise SchemaMismatchError(f"{place}: not a digest: {algorithm[:64]!r}")
    if algorithm in HEX_LENGTHS:
        try:
            digest = Digest.make(algorithm, value)
        except DigestSyntaxError as error:
            raise SchemaMismatchError(f"{place}.{algorithm}: {str(error)[:200]}") from error
        if digest.hex != value:
            raise SchemaMismatchError(f"{place}.{algorithm}: hexadecimal digits are lower case")
        return digest
    if not _VALUE.fullmatch(value):
        raise SchemaMismatchError(f"{place}.{algorithm}: not the text of a digest")
    return Digest(algorithm, value)
