"""The fields of a certificate, held against Fulcio's own list."""

from __future__ import annotations

from dataclasses import fields

from slsa_gen.model.identity import (
    BUILD_FIELDS,
    EXTENSION_NUMBERS,
    LATER_FIELDS,
    SignerIdentity,
)

#: Fulcio's docs/oid-info.md (v1.8.8): 1.3.6.1.4.1.57264.1.8 and those that follow it.
FULCIO = [
    "Issuer",
    "Build Signer URI",
    "Build Signer Digest",
    "Runner Environment",
    "Source Repository URI",
    "Source Repository Digest",
    "Source Repository Ref",
    "Source Repository Identifier",
    "Source Repository Owner URI",
    "Source Repository Owner Identifier",
    "Build Config URI",
    "Build Config Digest",
    "Build Trigger",
    "Run Invocation URI",
    "Source Repository Visibility At Signing",
    "Deployment Environment",
    "Token Subject",
]


def test_each_field_has_the_number_of_its_name() -> None:
    """A field that is read from another's place would be compared with the wrong claim."""
    expected = {name.lower().replace(" ", "_"): n for n, name in enumerate(FULCIO, start=8)}

    assert expected == EXTENSION_NUMBERS


def test_every_extension_that_is_read_is_compared_with_the_token() -> None:
    """Nothing of a certificate is taken on trust but its alternative name, which .9 repeats."""
    read = {field.name for field in fields(SignerIdentity)} - {"subject_alternative_name"}

    assert read == EXTENSION_NUMBERS.keys() == {*BUILD_FIELDS, *LATER_FIELDS}
