"""Our own build type: a command that ``slsa-gen run`` ran outside of a workflow's run.

docs/build-type-run.md. Whoever signs is whoever ran the command, so the certificate confirms
who that is and nothing else: Build L1. Neither the machine's name nor the user's is recorded.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from slsa_gen import __version__
from slsa_gen.errors import ContextError
from slsa_gen.model.identity import BUILD_FIELDS
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.model.step import COMMIT_MATERIAL
from slsa_gen.provenance.build_types.parameters import undefined_parameters
from slsa_gen.provenance.comparison import FieldComparison, FieldRule
from slsa_gen.provenance.schemas import SchemaMismatchError, validate
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import NoReturn

    from slsa_gen.model.identity import BuildContext, Person, SignerIdentity
    from slsa_gen.model.step import Commit, StepRecord
    from slsa_gen.model.subject import Subject

#: A URN names no host that somebody else could own.
RUN_COMMAND: Final = "urn:slsa-gen:build-type:run:v1"
BUILDER: Final = "urn:slsa-gen:builder:run"

#: The external parameters that the build type defines.
PARAMETERS: Final = ("step", "command", "products", "materials")

_SIGNER: Final = ("buildDefinition", "internalParameters", "signer")


def _of_no_run(signer: SignerIdentity) -> str:
    """Return this build type, unless the certificate is that of a workflow's run."""
    named = (getattr(signer, name) for name in BUILD_FIELDS if name != "issuer")
    run = next((value for value in named if value is not None), None)
    return RUN_COMMAND if run is None else f"the build type of a workflow's run, {run}"


#: What the certificate must say. It knows nothing of commands: the rest is the signer's word.
RULES: Final = (
    FieldRule(("buildDefinition", "buildType"), "build_signer_uri", _of_no_run),
    FieldRule((*_SIGNER, "issuer"), "issuer", lambda s: s.issuer),
    FieldRule(
        (*_SIGNER, "identity"), "subject_alternative_name", lambda s: s.subject_alternative_name
    ),
    # A person's provenance must not name a platform as its builder.
    FieldRule(("runDetails", "builder", "id"), "subject_alternative_name", lambda _s: BUILDER),
)


class RunCommand:
    """One command that ``slsa-gen run`` ran for a person."""

    uri: Final = RUN_COMMAND
    predicate_type: Final = SLSA_PROVENANCE_V1

    def predicate(self, context: BuildContext) -> NoReturn:
        """Refuse: a workflow's run has a build type of its own.

        Raises:
            ContextError: always.
        """
        raise ContextError(
            f"the build type {RUN_COMMAND} is for commands outside of workflows, and this is "
            f"{context.run_invocation_uri!r}",
            reason=Reason.CONTEXT_CLAIM,
            hint="In a workflow's run slsa-gen run writes provenance of GitHub's build type.",
        )

    def compare(
        self, predicate: Mapping[str, object], signer: SignerIdentity
    ) -> tuple[FieldComparison, ...]:
        """Compare who signed with who is named, and that it was no workflow; never raises."""
        return tuple(rule.compare(predicate, signer) for rule in RULES)

    def unknown_parameters(self, predicate: Mapping[str, object]) -> tuple[str, ...]:
        """Return the external parameters other than step, command, products and materials."""
        return undefined_parameters(predicate, defined=PARAMETERS, workflow=())


def step_predicate(record: StepRecord, person: Person) -> dict[str, object]:
    """Return the predicate of provenance v1 for a recorded step.

    Args:
        record: A step whose command ended with status 0.
        person: Whom the verified token names.

    Raises:
        ContextError: a field has a value that this build type does not allow.
    """
    step = record.step
    external: dict[str, object] = {
        "step": step.name,
        "command": list(step.command),
        "products": list(step.products),
    }
    if step.materials:
        external["materials"] = list(step.materials)
    predicate: dict[str, object] = {
        "buildDefinition": {
            "buildType": RUN_COMMAND,
            "externalParameters": external,
            "internalParameters": {"signer": {"issuer": person.issuer, "identity": person.name}},
            "resolvedDependencies": [
                *([] if record.commit is None else [_source(record.commit)]),
                *(_material(material) for material in record.materials),
            ],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"slsa-gen": __version__}},
            "metadata": {
                "startedOn": _time(record.started),
                "finishedOn": _time(record.finished),
            },
        },
    }
    try:
        validate(predicate, "written-run-command-v1")
    except SchemaMismatchError as error:
        raise ContextError(
            f"the build type {RUN_COMMAND} cannot describe this step: {error}",
            reason=Reason.CONTEXT_CLAIM,
            hint="Compare it with what docs/build-type-run.md allows, and give the step other "
            "words or fewer materials.",
        ) from error
    return predicate


def _source(commit: Commit) -> dict[str, object]:
    digest = {"gitCommit": commit.digest}
    if commit.uri is None:
        return {"name": COMMIT_MATERIAL, "digest": digest}
    return {"name": COMMIT_MATERIAL, "uri": f"git+{commit.uri}", "digest": digest}


def _material(material: Subject) -> dict[str, object]:
    return {"name": material.name, "digest": {d.algorithm: d.hex for d in material.digests}}


def _time(when: datetime) -> str:
    """Return a time as RFC 3339 has it, in UTC and whole seconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
