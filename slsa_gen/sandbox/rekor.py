"""The log's face: entries, proofs, checkpoints and promises, as Rekor's v1 API gives them.

See https://github.com/sigstore/rekor/blob/main/openapi.yaml.
"""

from __future__ import annotations

import base64
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen.sandbox import certificates, trust
from slsa_gen.sandbox.api import Answer, ApiError, Request, json_answer
from slsa_gen.sandbox.entry import EntryError, canonical, read_entry
from slsa_gen.sandbox.log import DuplicateEntryError

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.sandbox.keys import Material
    from slsa_gen.sandbox.log import LoggedEntry, TransparencyLog, TreeHead

ENTRIES_PATH: Final = "/api/v1/log/entries"

_UUID: Final = re.compile(r"(?P<tree>[0-9a-f]{16})?(?P<leaf>[0-9a-f]{64})")
_INDEX: Final = re.compile(r"[0-9]{1,18}")


class LogService:
    """Answers for the log.

    Args:
        material: The log's key, and the authority whose certificates may sign entries.
        log: The log itself.
        clock: Says when an entry is integrated, and whether a certificate is valid.
        limits: Bounds what is parsed.
    """

    def __init__(
        self, material: Material, log: TransparencyLog, clock: Clock, limits: Limits
    ) -> None:
        self._material = material
        self._log = log
        self._clock = clock
        self._limits = limits
        self._key_id = certificates.key_id(material.log_key.public_key())

    def add(self, request: Request) -> Answer:
        """Answer ``POST /api/v1/log/entries``.

        Raises:
            ApiError: the entry is malformed (400) or in the log already (409).
        """
        now = self._clock.now().replace(microsecond=0)
        try:
            proposed = read_entry(request.body, self._limits)
            self._check_certificate(proposed.certificate, now)
        except EntryError as error:
            message = f"error processing entry: {error}"
            raise ApiError(HTTPStatus.BAD_REQUEST, message) from error
        try:
            entry = self._log.append(proposed.body, int(now.timestamp()))
        except DuplicateEntryError as error:
            uuid = self._uuid(error.leaf_hash)
            raise ApiError(
                HTTPStatus.CONFLICT,
                f"an equivalent entry already exists in the transparency log with UUID {uuid}",
                headers={"Location": f"{ENTRIES_PATH}/{uuid}"},
            ) from error
        uuid = self._uuid(entry.leaf_hash)
        # Go's clients find the entry in the answer by its ETag.
        headers = {"ETag": uuid, "Location": f"{ENTRIES_PATH}/{uuid}"}
        return json_answer(self._document(entry), HTTPStatus.CREATED, headers)

    def by_index(self, request: Request) -> Answer:
        """Answer ``GET /api/v1/log/entries?logIndex=N``.

        Raises:
            ApiError: no number (422), no such entry (404).
        """
        text = request.query.get("logIndex", "")
        if not _INDEX.fullmatch(text):
            raise ApiError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "logIndex in query must be of type int64"
            )
        return self._found(self._log.by_index(int(text)))

    def by_uuid(self, request: Request) -> Answer:
        """Answer ``GET /api/v1/log/entries/UUID``.

        Raises:
            ApiError: no UUID (400), no such entry (404).
        """
        match = _UUID.fullmatch(request.path.removeprefix(f"{ENTRIES_PATH}/").lower())
        if not match:
            raise ApiError(
                HTTPStatus.BAD_REQUEST, "UUID must be a 64- or 80-character hexadecimal string"
            )
        if match["tree"] not in {None, self._tree}:
            raise ApiError(HTTPStatus.NOT_FOUND, "Not Found")
        return self._found(self._log.by_leaf_hash(bytes.fromhex(match["leaf"])))

    def info(self, _request: Request) -> Answer:
        """Answer ``GET /api/v1/log``."""
        head = self._log.head()
        return json_answer(
            {
                "inactiveShards": [],
                "rootHash": head.root.hex(),
                "signedTreeHead": self._checkpoint(head),
                "treeID": str(self._material.tree_id),
                "treeSize": head.size,
            }
        )

    def public_key(self, _request: Request) -> Answer:
        """Answer ``GET /api/v1/log/publicKey``."""
        key = self._material.log_key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return Answer(HTTPStatus.OK, key, "application/x-pem-file")

    @property
    def _tree(self) -> str:
        return f"{self._material.tree_id:016x}"

    def _check_certificate(self, certificate: x509.Certificate, now: datetime) -> None:
        try:
            certificate.verify_directly_issued_by(self._material.intermediate)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise EntryError("the certificate is not one that this sandbox issued") from error
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not first <= now <= last:
            raise EntryError(
                f"the certificate is valid from {trust.rfc3339(first)} to {trust.rfc3339(last)}, "
                f"and it is {trust.rfc3339(now)}"
            )

    def _found(self, entry: LoggedEntry | None) -> Answer:
        if entry is None:
            raise ApiError(HTTPStatus.NOT_FOUND, "Not Found")
        return json_answer(self._document(entry))

    def _document(self, entry: LoggedEntry) -> dict[str, object]:
        promised = {
            "body": base64.b64encode(entry.body).decode("ascii"),
            "integratedTime": entry.integrated_time,
            "logID": self._key_id.hex(),
            "logIndex": entry.index,
        }
        promise = base64.b64encode(self._sign(canonical(promised))).decode("ascii")
        proof = {
            "checkpoint": self._checkpoint(entry.head),
            "hashes": [value.hex() for value in entry.path],
            "logIndex": entry.index,
            "rootHash": entry.head.root.hex(),
            "treeSize": entry.head.size,
        }
        verification = {"inclusionProof": proof, "signedEntryTimestamp": promise}
        return {self._uuid(entry.leaf_hash): {**promised, "verification": verification}}

    def _uuid(self, leaf_hash: bytes) -> str:
        return self._tree + leaf_hash.hex()

    def _checkpoint(self, head: TreeHead) -> str:
        """Return a signed note (https://github.com/transparency-dev/formats, log/README.md).

        The number after the origin is what tells a Rekor v1 log from a v2 one.
        """
        root = base64.b64encode(head.root).decode("ascii")
        note = f"{trust.HOST} - {self._material.tree_id}\n{head.size}\n{root}\n"
        signature = self._key_id[:4] + self._sign(note.encode("utf-8"))
        return f"{note}\n— {trust.HOST} {base64.b64encode(signature).decode('ascii')}\n"

    def _sign(self, message: bytes) -> bytes:
        return self._material.log_key.sign(message, ec.ECDSA(hashes.SHA256()))
