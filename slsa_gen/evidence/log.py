"""Transparency log entries: what must be there, and what sigstore's verifier leaves out.

sigstore proves the inclusion proof, the checkpoint's signature and the SET. Here: which log
it is and whether its key counted then, the size and the name in the checkpoint, the numbers
of the entry, and the canonical form of its body.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import rfc8785

from slsa_gen import strictjson
from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import canonical_base64
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.evidence.bundle import InclusionProof, ParsedBundle, RecordedEntry
    from slsa_gen.evidence.proven_time import ProvenTime
    from slsa_gen.evidence.roots import Roots, TrustedLog
    from slsa_gen.limits import Limits

#: The entries that record an envelope and that are read here: Rekor v1's and v2's.
ENVELOPE_KINDS: Final = (("dsse", "0.0.1"), ("hashedrekord", "0.0.2"))
#: https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md; further lines may follow the root.
_CHECKPOINT: Final = re.compile(
    r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,19})\n(?P<root>[^\n]+)\n(?:[^\n]+\n)*"
    r"\n(?P<signatures>(?:\u2014 [^ \n]+ [A-Za-z0-9+/=]+\n)+)"
)
_REKOR_V2: Final = "0.0.2"
_AGAIN: Final = "Ask whoever signed to sign again with a current client, which logs the signature."
_DAMAGED: Final = "The bundle was changed or damaged: take it anew from where it was published."


def only_entry(bundle: ParsedBundle, kinds: tuple[tuple[str, str], ...]) -> RecordedEntry:
    """Return the one log entry of a bundle, with an inclusion proof and a checkpoint.

    Raises:
        UntrustedSignatureError: no entry, several, or one that cannot be proved.
    """
    if not bundle.entries:
        raise UntrustedSignatureError(
            "the bundle has no transparency log entry: nothing shows that the signature was "
            "ever made public",
            reason=Reason.LOG_MISSING,
            hint=_AGAIN,
        )
    if len(bundle.entries) > 1:
        raise UntrustedSignatureError(
            f"the bundle has {len(bundle.entries)} transparency log entries, one is read",
            reason=Reason.LOG_SEVERAL,
            hint=_AGAIN,
        )
    entry = bundle.entries[0]
    if (entry.kind, entry.version) not in kinds:
        known = ", ".join(f"{kind} {version}" for kind, version in kinds)
        raise UntrustedSignatureError(
            f"the log entry is of kind {entry.kind[:40]!r} {entry.version[:20]!r}, which is "
            f"not read here (read: {known})",
            reason=Reason.LOG_ENTRY_KIND,
            hint="Older clients wrote other kinds, which gh attestation verify --bundle and "
            "cosign read; a new signature has a kind that is read here.",
        )
    _require_proof(entry)
    return entry


def log_of(entry: RecordedEntry, roots: Roots) -> TrustedLog:
    """Return the trusted log whose id an entry carries.

    Raises:
        UntrustedSignatureError: no log of the trusted root has that id.
    """
    log = next((log for log in roots.logs if log.log_id == entry.log_id), None)
    if log is None:
        known = ", ".join(sorted({log.url for log in roots.logs})) or "none"
        raise UntrustedSignatureError(
            f"the log entry names the log {entry.log_id.hex()[:64]}, which the trusted root "
            f"does not hold (held: {known})",
            reason=Reason.LOG_UNKNOWN,
            hint="If another Sigstore signed it, name its trusted root: "
            "--custom-trusted-root FILE, or --sigstore staging or sandbox.",
        )
    return log


def check_consistency(entry: RecordedEntry, log: TrustedLog, limits: Limits) -> None:
    """Check what a proven entry says about itself.

    Raises:
        UntrustedSignatureError: the checkpoint is of another tree size or name, the numbers
            of the entry contradict each other, or its body is not in canonical form.
    """
    proof = _require_proof(entry)
    origin, size, names = _checkpoint(proof.checkpoint)
    if size != proof.tree_size:
        raise UntrustedSignatureError(
            f"the checkpoint is of a tree of {size} entries, the inclusion proof of one of "
            f"{proof.tree_size}",
            reason=Reason.LOG_CHECKPOINT,
            hint=_DAMAGED,
        )
    if origin.split(" - ")[0] not in names:
        raise UntrustedSignatureError(
            f"the checkpoint of {origin[:80]!r} has no signature of that name",
            reason=Reason.LOG_CHECKPOINT,
            hint=_DAMAGED,
        )
    _check_index(entry, proof)
    if not _is_canonical(entry.body, limits):
        raise UntrustedSignatureError(
            f"the entry's body is not in the canonical form that {log.url or 'the log'} writes "
            "(RFC 8785)",
            reason=Reason.LOG_ENTRY_MISMATCH,
            hint=_DAMAGED,
        )


def check_period(log: TrustedLog, times: tuple[ProvenTime, ...]) -> None:
    """Check that a log's key counted when the signature was made.

    Raises:
        UntrustedSignatureError: it did not, at one of the proven times.
    """
    for time in times:
        if not log.period.covers(time.moment):
            raise UntrustedSignatureError(
                f"the signature was logged at {time.moment.isoformat()}, but the trusted root "
                f"trusts the key of {log.url or 'the log'} from {log.period} only",
                reason=Reason.LOG_PERIOD,
                hint="A key outside its period may be in other hands: ask whoever signed to "
                "sign again.",
            )


def _require_proof(entry: RecordedEntry) -> InclusionProof:
    proof = entry.inclusion_proof
    if proof is None:
        raise UntrustedSignatureError(
            "the log entry has no inclusion proof",
            reason=Reason.LOG_INCLUSION,
            hint=_AGAIN,
        )
    if not proof.checkpoint:
        raise UntrustedSignatureError(
            "the inclusion proof has no checkpoint: nothing signs the tree that it leads to",
            reason=Reason.LOG_CHECKPOINT,
            hint=_AGAIN,
        )
    return proof


def _checkpoint(text: str) -> tuple[str, int, frozenset[str]]:
    # sigstore decodes the base64 in it leniently, so one signature would have many texts.
    match = _CHECKPOINT.fullmatch(text)
    try:
        if match is None:
            raise _malformed("it must be an origin, a size and a root hash, signed by lines")
        lines = [line.split(" ") for line in match["signatures"].splitlines()]
        for encoded in (match["root"], *(line[2] for line in lines)):
            canonical_base64.decode(encoded)
    except canonical_base64.Base64Error as error:
        raise _malformed(f"its base64 is not canonical: {error}") from error
    return match["origin"], int(match["size"]), frozenset(line[1] for line in lines)


def _malformed(why: str) -> UntrustedSignatureError:
    return UntrustedSignatureError(
        f"the checkpoint is malformed: {why}", reason=Reason.LOG_CHECKPOINT, hint=_DAMAGED
    )


def _check_index(entry: RecordedEntry, proof: InclusionProof) -> None:
    # Rekor v1 counts over all its shards, so the entry's number is never below the proof's;
    # Rekor v2 has one tree a log, so they are the same.
    same = entry.log_index == proof.log_index
    if not same and (entry.version == _REKOR_V2 or entry.log_index < proof.log_index):
        raise UntrustedSignatureError(
            f"the log entry is number {entry.log_index}, its inclusion proof is for number "
            f"{proof.log_index}",
            reason=Reason.LOG_ENTRY_MISMATCH,
            hint=_DAMAGED,
        )


def _is_canonical(body: bytes, limits: Limits) -> bool:
    try:
        value = strictjson.loads_object(
            body, max_bytes=limits.bundle_bytes, max_depth=limits.json_depth
        )
        return rfc8785.dumps(value) == body  # type: ignore[arg-type]  # loads_object makes JSON only
    except (strictjson.StrictJsonError, rfc8785.CanonicalizationError, RecursionError):
        return False
