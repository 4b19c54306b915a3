"""A run, the certificate that it gets, and subjects, for this folder's tests."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from hypothesis import strategies as st

from slsa_gen.model.digest import HEX_LENGTHS, Digest
from slsa_gen.model.identity import BuildContext, SignerIdentity
from slsa_gen.model.subject import Subject

SERVER: Final = "https://github.com"

#: A job of a reusable workflow in another repository; the tag holds an at sign.
CONTEXT: Final = BuildContext(
    issuer="https://token.actions.githubusercontent.com",
    build_signer_uri=f"{SERVER}/octo-org/automation/.github/workflows/build.yml@refs/tags/v2",
    build_signer_digest="c" * 40,
    runner_environment="github-hosted",
    source_repository_uri=f"{SERVER}/octo-org/octo-repo",
    source_repository_digest="a" * 40,
    source_repository_ref="refs/tags/pkg@1.0.0",
    source_repository_identifier="74",
    source_repository_owner_uri=f"{SERVER}/octo-org",
    source_repository_owner_identifier="65",
    build_config_uri=f"{SERVER}/octo-org/octo-repo/.github/workflows/a@b.yml@refs/tags/pkg@1.0.0",
    build_config_digest="b" * 40,
    build_trigger="push",
    run_invocation_uri=f"{SERVER}/octo-org/octo-repo/actions/runs/9/attempts/2",
    source_repository_visibility_at_signing="public",
)

SIGNER: Final = SignerIdentity(
    subject_alternative_name=CONTEXT.build_signer_uri,
    **{field.name: getattr(CONTEXT, field.name) for field in fields(BuildContext)},
)


def digest(byte: str = "0", algorithm: str = "sha256") -> Digest:
    """Return a canonical digest of one repeated hexadecimal digit."""
    return Digest.make(algorithm, byte * HEX_LENGTHS[algorithm])


def subject(name: str = "app", byte: str = "0") -> Subject:
    """Return a subject with a digest."""
    return Subject(name, (digest(byte),))


@st.composite
def _digests(draw: st.DrawFn) -> tuple[Digest, ...]:
    names = draw(st.sets(st.sampled_from(sorted(HEX_LENGTHS)), min_size=1))
    sizes = {name: HEX_LENGTHS[name] // 2 for name in sorted(names)}
    return tuple(
        Digest(name, draw(st.binary(min_size=size, max_size=size)).hex())
        for name, size in sizes.items()
    )


#: Names that UTF-8 can carry, with every surprise in them.
NAMES: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
SUBJECTS: Final = st.lists(st.builds(Subject, NAMES, _digests()), min_size=1, max_size=8)
