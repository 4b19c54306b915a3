"""Who signed, and what a run is, in the words of Fulcio's certificate extensions.

The field names are those of Fulcio's OID table
(https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md, 1.3.6.1.4.1.57264.1.8 to
.24), so that a claim, a field of the predicate and an extension of the certificate that
must agree carry one name.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Final

from slsa_gen.model.urls import escaped_uri


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What a platform's verified token says about a run.

    URIs are absolute, without a trailing slash; digests are 40 or 64 hexadecimal digits of
    git; ids are decimal strings. Every field is there but the deployment environment, which
    few runs have.
    """

    issuer: str
    build_signer_uri: str
    build_signer_digest: str
    runner_environment: str
    source_repository_uri: str
    source_repository_digest: str
    source_repository_ref: str
    source_repository_identifier: str
    source_repository_owner_uri: str
    source_repository_owner_identifier: str
    build_config_uri: str
    build_config_digest: str
    build_trigger: str
    run_invocation_uri: str
    source_repository_visibility_at_signing: str
    deployment_environment: str | None = None
    token_subject: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a verified token names when it is no workflow run's.

    ``issuer`` and ``name`` are what the certificate will say (extension .8 and the alternative
    name): the URL of who knows the person, and an e-mail address.
    """

    issuer: str
    name: str


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """What a signing certificate says; a field that it lacks is None.

    ``subject_alternative_name`` is the URI or e-mail address of the one critical name;
    ``issuer`` is extension .8 (or .1 where an old certificate has no .8).
    """

    subject_alternative_name: str
    issuer: str | None = None
    build_signer_uri: str | None = None
    build_signer_digest: str | None = None
    runner_environment: str | None = None
    source_repository_uri: str | None = None
    source_repository_digest: str | None = None
    source_repository_ref: str | None = None
    source_repository_identifier: str | None = None
    source_repository_owner_uri: str | None = None
    source_repository_owner_identifier: str | None = None
    build_config_uri: str | None = None
    build_config_digest: str | None = None
    build_trigger: str | None = None
    run_invocation_uri: str | None = None
    source_repository_visibility_at_signing: str | None = None
    deployment_environment: str | None = None
    token_subject: str | None = None

    @property
    def name(self) -> str:
        """Return the certificate's name as it was before it was written as a URI.

        Fulcio escapes what no URI holds (a branch ``möwe``) in the alternative name, and
        leaves .9, which is the same text, as it was.
        """
        raw = self.build_signer_uri
        if raw is None:
            return self.subject_alternative_name
        try:
            same = escaped_uri(raw) == self.subject_alternative_name
        except ValueError:
            same = False
        return raw if same else self.subject_alternative_name


#: The names of the fields that a run and a certificate share.
BUILD_FIELDS: Final = tuple(f.name for f in fields(BuildContext) if f.default is MISSING)
#: Those that Fulcio began to write later: a certificate without them is one like any other.
LATER_FIELDS: Final = tuple(f.name for f in fields(BuildContext) if f.default is not MISSING)

#: The last number of each field's OID 1.3.6.1.4.1.57264.1.N (values: DER UTF8String).
EXTENSION_NUMBERS: Final = {
    "issuer": 8,
    "build_signer_uri": 9,
    "build_signer_digest": 10,
    "runner_environment": 11,
    "source_repository_uri": 12,
    "source_repository_digest": 13,
    "source_repository_ref": 14,
    "source_repository_identifier": 15,
    "source_repository_owner_uri": 16,
    "source_repository_owner_identifier": 17,
    "build_config_uri": 18,
    "build_config_digest": 19,
    "build_trigger": 20,
    "run_invocation_uri": 21,
    "source_repository_visibility_at_signing": 22,
    "deployment_environment": 23,
    "token_subject": 24,
}
