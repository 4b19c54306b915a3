"""Classic links, written: what ``in-toto-verify`` reads for a step's functionary.

A DSSE envelope around the ``Link`` of the ``in-toto`` package, made and signed by the package
itself and ``securesystemslib``, in a file named by the step and the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from in_toto.models.metadata import Envelope

from slsa_gen import strictjson
from slsa_gen.errors import SigningError, UsageError
from slsa_gen.intoto.classic_documents import ClassicSyntaxError
from slsa_gen.intoto.classic_metadata import read
from slsa_gen.intoto.link import link_of
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.intoto.signing_key import SigningKey
    from slsa_gen.limits import Limits
    from slsa_gen.model.step import StepRecord


@dataclass(frozen=True, slots=True)
class ClassicLink:
    """A signed link: its file's name, and what the file holds."""

    name: str
    data: bytes


def classic_link(
    record: StepRecord, key: SigningKey, limits: Limits = DEFAULT_LIMITS
) -> ClassicLink:
    """Return the link of a recorded step, signed by a key, as ``STEP.KEYID.link``.

    It is read as ``verify`` reads it, and its signature verified, before it is returned.

    Raises:
        UsageError: the step's name, or a file's, cannot stand in a classic link.
        SubjectError: two materials, or two products, have one name.
        SigningError: the signature that was made does not hold.
    """
    envelope = Envelope.from_signable(link_of(record))
    envelope.create_signature(key.signer)
    data = strictjson.dumps(envelope.to_dict()) + b"\n"
    try:
        metadata = read(data, limits)
    except ClassicSyntaxError as error:
        raise UsageError(
            f"the step {record.name!r} cannot be written as a classic link: {error}",
            reason=Reason.LINK_CLASSIC,
            hint="Record less, by narrower patterns, under a plain name: --step build",
        ) from error
    if not metadata.signed_by(key.public):
        raise SigningError(
            f"the link that the key {key.public.keyid} signed does not verify by it",
            reason=Reason.SIGNING_BUNDLE_UNVERIFIED,
            hint="Run the command again; if it happens again, the key's file is damaged.",
        )
    return ClassicLink(f"{record.name}.{key.public.short_id}.link", data)
