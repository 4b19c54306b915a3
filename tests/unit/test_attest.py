"""The first pipeline, with a signer and a prover at its seams."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.attest import attest, draft
from slsa_gen.errors import (
    PermissionMissingError,
    RefusedError,
    SigningError,
    SlsaGenError,
    UntrustedSignatureError,
    UsageError,
)
from slsa_gen.evidence.read import read_bytes
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.draft import Draft
from slsa_gen.model.identity import BUILD_FIELDS, LATER_FIELDS, SignerIdentity
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.model.statement import SLSA_PROVENANCE_V1, Statement
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.interface import Targets
from slsa_gen.reasons import Reason
from tests.support.services import Services
from tests.support.values import CONTEXT, provenance, signer_of, subject

if TYPE_CHECKING:
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.verified import VerifiedStatement
    from tests.support.services import Signed


def _plan(**changes: str) -> Draft:
    context = replace(CONTEXT, **changes)
    return draft(
        (subject(),),
        context,
        SLSA_PROVENANCE_V1,
        GithubWorkflow().predicate(context),
        DEFAULT_LIMITS,
    )


def _attest(plan: Draft, services: Services, path: Path, *, overwrite: bool = False) -> Publication:
    targets = Targets(FileTarget(path, overwrite=overwrite, max_bytes=10_000_000))
    return attest(plan, services, services, targets, services.read, DEFAULT_LIMITS).file


def test_a_bundle_is_written_once_it_is_proved(tmp_path: Path) -> None:
    """One bundle is one line."""
    services = Services()

    publication = _attest(_plan(), services, tmp_path / "b")

    assert publication.outcome is PublicationOutcome.WRITTEN
    assert (tmp_path / "b").read_bytes() == b'{"bundle":0}\n'


def test_many_subjects_become_several_statements_a_line_each(tmp_path: Path) -> None:
    """1,025 subjects are two statements, since others verify at most 1,024 in one."""
    subjects = [subject(f"f{n}") for n in range(1025)]
    predicate = GithubWorkflow().predicate(CONTEXT)
    plan = draft(subjects, CONTEXT, SLSA_PROVENANCE_V1, predicate, DEFAULT_LIMITS)

    _attest(plan, Services(), tmp_path / "b")

    assert [len(s.subjects) for s in plan.statements] == [1024, 1]
    assert len((tmp_path / "b").read_bytes().splitlines()) == 2


@pytest.mark.parametrize(
    "failure",
    [
        SigningError("the log is away", reason=Reason.SIGNING_LOG_UNREACHABLE),
        PermissionMissingError("no further token", reason=Reason.CONTEXT_PERMISSION),
        UntrustedSignatureError("does not hold", reason=Reason.LOG_SET),
    ],
    ids=["service", "token", "proof"],
)
def test_what_was_logged_is_kept_when_a_later_statement_fails(
    tmp_path: Path, failure: SlsaGenError
) -> None:
    """The log holds its entry for good: its bundle must not be dropped."""

    class Failing(Services):
        def sign(self, statement: Statement, /) -> Signed:
            if self.signed == 2 and not isinstance(failure, RefusedError):
                raise failure
            return super().sign(statement)

        def prove(self, evidence: Evidence, /) -> VerifiedStatement:
            if len(self.known) == 3:
                raise failure
            return super().prove(evidence)

    subjects = [subject(f"f{n}") for n in range(2049)]
    predicate = GithubWorkflow().predicate(CONTEXT)
    plan = draft(subjects, CONTEXT, SLSA_PROVENANCE_V1, predicate, DEFAULT_LIMITS)

    with pytest.raises(SlsaGenError) as caught:
        _attest(plan, Failing(), tmp_path / "b")

    words, saved, name = caught.value.message.partition(
        "; 2 of 3 statements were signed and logged, and saved as "
    )
    assert saved, words
    path = Path(name.strip("'"))
    assert path.read_bytes() == b'{"bundle":0}\n{"bundle":1}\n'
    path.unlink()
    assert failure.message.partition(";")[0] in words
    assert isinstance(failure, RefusedError) or caught.value is failure
    assert list(tmp_path.iterdir()) == []


def test_the_failure_of_the_first_statement_speaks_of_no_other(tmp_path: Path) -> None:
    """There is nothing to keep yet."""
    with pytest.raises(SigningError) as caught:
        _attest(_plan(), Services(refuse=True), tmp_path / "b")

    assert "saved as" not in caught.value.message


def test_a_bundle_is_kept_when_its_place_is_taken_while_signing(tmp_path: Path) -> None:
    """It is signed and logged once, the other file stays, and the error says where it is."""

    class Slow(Services):
        def sign(self, statement: Statement, /) -> Signed:
            (tmp_path / "b").symlink_to("nowhere")
            return super().sign(statement)

    services = Slow()
    with pytest.raises(UsageError) as caught:
        _attest(_plan(), services, tmp_path / "b")

    assert caught.value.reason is Reason.USAGE_OUTPUT_EXISTS
    path = Path(caught.value.message.rpartition(" is saved as ")[2].strip("'"))
    assert path.read_bytes() == b'{"bundle":0}\n'
    path.unlink()
    assert services.signed == 1
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_a_bundle_that_does_not_verify_is_not_written(tmp_path: Path) -> None:
    """The services answered, but nobody could verify it: an error that says so."""
    with pytest.raises(SigningError) as caught:
        _attest(_plan(), Services(refuse=True), tmp_path / "b")

    assert caught.value.reason is Reason.SIGNING_BUNDLE_UNVERIFIED
    assert "the signature does not hold" in caught.value.message
    assert "the log holds an entry of it" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_other_bytes_than_the_statement_s_are_not_written(tmp_path: Path) -> None:
    """A signature over something else is no signature over this."""
    other = provenance((subject(digit="2"),))
    services = Services(change=lambda v: replace(v, statement=other))

    with pytest.raises(SigningError) as caught:
        _attest(_plan(), services, tmp_path / "b")

    assert caught.value.reason is Reason.SIGNING_CERTIFICATE_MISMATCH
    assert "other bytes were signed" in caught.value.message
    assert "another run" not in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def _with(name: str, value: str | None) -> SignerIdentity:
    changes: dict[str, Any] = {name: value}
    return replace(signer_of(), **changes)


@pytest.mark.parametrize("name", BUILD_FIELDS)
@pytest.mark.parametrize("value", ["https://github.com/else", None])
def test_a_certificate_for_another_run_is_refused_in_each_field(
    tmp_path: Path, name: str, value: str | None
) -> None:
    """Token A's claims with token B's certificate, one field at a time."""
    services = Services(signer=_with(name, value))

    with pytest.raises(SigningError) as caught:
        _attest(_plan(), services, tmp_path / "b")

    assert caught.value.reason is Reason.SIGNING_CERTIFICATE_MISMATCH
    assert f"the certificate says {name}" in caught.value.message
    assert f"the token says {getattr(CONTEXT, name)!r}" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_in_another_name_is_refused(tmp_path: Path) -> None:
    """The subject alternative name must be the workflow that signs."""
    services = Services(signer=replace(signer_of(), subject_alternative_name="https://x/y"))

    with pytest.raises(SigningError) as caught:
        _attest(_plan(), services, tmp_path / "b")

    assert caught.value.reason is Reason.SIGNING_CERTIFICATE_MISMATCH


def test_the_predicate_is_compared_with_the_certificate_too(tmp_path: Path) -> None:
    """Context and certificate agree, and the predicate says something else: refused."""
    said_elsewhere = GithubWorkflow().predicate(replace(CONTEXT, build_trigger="release"))
    plan = draft((subject(),), CONTEXT, SLSA_PROVENANCE_V1, said_elsewhere, DEFAULT_LIMITS)

    with pytest.raises(SigningError) as caught:
        _attest(plan, Services(), tmp_path / "b")

    said = "the certificate says build_trigger 'push', the statement says "
    assert said in caught.value.message
    assert "event_name 'release'; nothing was written" in caught.value.message


def test_provenance_of_an_unknown_build_type_is_not_signed_silently(tmp_path: Path) -> None:
    """What cannot be compared is no provenance of this run."""
    predicate = GithubWorkflow().predicate(CONTEXT)
    definition = dict(predicate["buildDefinition"])  # type: ignore[call-overload] # JSON
    definition["buildType"] = "https://example.com/unknown"
    known = provenance()
    odd = Statement(
        known.statement_type,
        known.subjects,
        known.predicate_type,
        {**predicate, "buildDefinition": definition},
        known.payload,
    )

    with pytest.raises(SigningError) as caught:
        _attest(Draft(CONTEXT, (odd,)), Services(), tmp_path / "b")

    assert "build type 'https://example.com/unknown' is not known" in caught.value.message
    assert GithubWorkflow().uri in caught.value.hint


def test_extra_log_entries_are_counted(tmp_path: Path) -> None:
    """An answer that was lost after the log accepted is told, never hidden."""
    target = Targets(FileTarget(tmp_path / "b", overwrite=False, max_bytes=1000))
    services = Services(extra=2)

    result = attest(_plan(), services, services, target, services.read, DEFAULT_LIMITS)

    assert result.extra_entries == 2


def test_a_valid_bundle_that_is_there_is_the_result(tmp_path: Path) -> None:
    """A run repeated, as another attempt, signs nothing anew."""
    services = Services()
    _attest(_plan(), services, tmp_path / "b")
    again = _plan(run_invocation_uri=CONTEXT.run_invocation_uri.replace("/1", "/2"))

    publication = _attest(again, services, tmp_path / "b")

    assert publication.outcome is PublicationOutcome.REUSED
    assert services.signed == 1


def _other_subjects() -> Draft:
    return draft(
        (subject(digit="9"),),
        CONTEXT,
        SLSA_PROVENANCE_V1,
        GithubWorkflow().predicate(CONTEXT),
        DEFAULT_LIMITS,
    )


@pytest.mark.parametrize("content", [b"not a bundle\n", b""])
def test_any_other_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """It may be somebody's work."""
    (tmp_path / "b").write_bytes(content)

    with pytest.raises(UsageError) as caught:
        _attest(_plan(), Services(), tmp_path / "b")

    assert "--overwrite" in caught.value.hint
    assert (tmp_path / "b").read_bytes() == content


def test_any_other_file_is_replaced_when_that_is_asked_for(tmp_path: Path) -> None:
    """--overwrite."""
    services = Services()
    (tmp_path / "b").write_bytes(b"not a bundle\n")
    _attest(_plan(), services, tmp_path / "b", overwrite=True)
    _attest(_other_subjects(), services, tmp_path / "b", overwrite=True)

    assert (tmp_path / "b").read_bytes() == b'{"bundle":1}\n'


def test_the_reader_of_bundles_fits_the_pipeline(tmp_path: Path) -> None:
    """The real reader refuses what is no bundle, as the pipeline expects."""
    services = Services()
    target = Targets(FileTarget(tmp_path / "b", overwrite=False, max_bytes=1000))
    (tmp_path / "b").write_bytes(b"{}")

    with pytest.raises(UsageError):
        attest(_plan(), services, services, target, read_bytes, DEFAULT_LIMITS)


def test_every_field_of_a_run_is_compared() -> None:
    """The table above speaks of the whole context."""
    assert {f.name for f in fields(CONTEXT)} == {*BUILD_FIELDS, *LATER_FIELDS}
