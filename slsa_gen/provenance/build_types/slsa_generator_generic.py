"""slsa-github-generator's generic generator: provenance v0.2. Only read here.

https://github.com/slsa-framework/slsa-github-generator (internal/builders/generic), build
type ``.../generic@v1``. Its parameters are always empty; what it copies from the event's
payload (``environment.github_event_payload``, the actor) is in no certificate.

The delegating builders of the same project have no comparison here: they name as builder a
workflow other than the one that signed, so nothing in the certificate confirms it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError
from slsa_gen.provenance.build_types.github_workflow import signed_path, signed_source
from slsa_gen.provenance.comparison import FieldComparison, FieldRule, value_at
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.identity import BuildContext, SignerIdentity

GENERIC_GENERATOR: Final = "https://github.com/slsa-framework/slsa-github-generator/generic@v1"

_CONFIG: Final = ("invocation", "configSource")
_ENVIRONMENT: Final = ("invocation", "environment")
_BUILDER: Final = ("builder", "id")
_RUN: Final = re.compile(r".*/actions/runs/([0-9]+)/attempts/([0-9]+)")


def _signed_run(signer: SignerIdentity) -> tuple[str, str] | None:
    """Return the numbers of the run and of its attempt, as the certificate says."""
    match = _RUN.fullmatch(signer.run_invocation_uri or "")
    return None if match is None else (match[1], match[2])


def _run_id(signer: SignerIdentity) -> str | None:
    run = _signed_run(signer)
    return None if run is None else run[0]


def _run_attempt(signer: SignerIdentity) -> str | None:
    run = _signed_run(signer)
    return None if run is None else run[1]


def _invocation(signer: SignerIdentity) -> str | None:
    run = _signed_run(signer)
    return None if run is None else "-".join(run)


#: Each field of the predicate, and what the certificate must say about it.
RULES: Final = (
    FieldRule(_BUILDER, "build_signer_uri", lambda s: s.build_signer_uri),
    FieldRule(_BUILDER, "subject_alternative_name", lambda s: s.name),
    FieldRule((*_CONFIG, "uri"), "source_repository_uri", signed_source),
    FieldRule(
        (*_CONFIG, "digest", "sha1"),
        "source_repository_digest",
        lambda s: s.source_repository_digest,
    ),
    FieldRule((*_CONFIG, "entryPoint"), "build_config_uri", signed_path),
    FieldRule((*_ENVIRONMENT, "github_event_name"), "build_trigger", lambda s: s.build_trigger),
    FieldRule(
        (*_ENVIRONMENT, "github_ref"), "source_repository_ref", lambda s: s.source_repository_ref
    ),
    FieldRule(
        (*_ENVIRONMENT, "github_sha1"),
        "source_repository_digest",
        lambda s: s.source_repository_digest,
    ),
    FieldRule(
        (*_ENVIRONMENT, "github_repository_id"),
        "source_repository_identifier",
        lambda s: s.source_repository_identifier,
    ),
    FieldRule(
        (*_ENVIRONMENT, "github_repository_owner_id"),
        "source_repository_owner_identifier",
        lambda s: s.source_repository_owner_identifier,
    ),
    FieldRule((*_ENVIRONMENT, "github_run_id"), "run_invocation_uri", _run_id),
    FieldRule((*_ENVIRONMENT, "github_run_attempt"), "run_invocation_uri", _run_attempt),
    FieldRule(("metadata", "buildInvocationID"), "run_invocation_uri", _invocation),
    FieldRule(("materials", 0, "uri"), "source_repository_uri", signed_source),
    FieldRule(
        ("materials", 0, "digest", "sha1"),
        "source_repository_digest",
        lambda s: s.source_repository_digest,
    ),
)


class GenericGenerator:
    """One run of slsa-github-generator's generic generator."""

    uri: Final = GENERIC_GENERATOR
    predicate_type: Final = "https://slsa.dev/provenance/v0.2"

    def predicate(self, context: BuildContext) -> dict[str, object]:
        """Refuse: this is another tool's build type.

        Raises:
            ContextError: Always.
        """
        raise ContextError(
            f"provenance of build type {self.uri} is read, not written: the run "
            f"{context.run_invocation_uri!r} is not one of slsa-github-generator",
            reason=Reason.CONTEXT_CLAIM,
            hint="Have slsa-gen write GitHub's own build type: leave --predicate-type away.",
        )

    def compare(
        self, predicate: Mapping[str, object], signer: SignerIdentity
    ) -> tuple[FieldComparison, ...]:
        """Compare every field that predicate and certificate both carry; never raises."""
        return tuple(rule.compare(predicate, signer) for rule in RULES)

    def unknown_parameters(self, predicate: Mapping[str, object]) -> tuple[str, ...]:
        """Return ``parameters`` and ``buildConfig`` when they are set: it has neither."""
        places = {
            "invocation.parameters": ("invocation", "parameters"),
            "buildConfig": ("buildConfig",),
        }
        return tuple(sorted(name for name, place in places.items() if value_at(predicate, place)))
