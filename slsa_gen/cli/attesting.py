"""What ``attest`` does once it is wanted: puts the parts of the first pipeline together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen import attest
from slsa_gen.cli import signing
from slsa_gen.cli.here import shortened, workspace
from slsa_gen.cli.instances import SANDBOX
from slsa_gen.cli.predicate import check_for_person, own_predicate, predicate_for
from slsa_gen.cli.signing_options import INTERACTIVE
from slsa_gen.cli.targets import check_options, release_plan
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.interface import Targets
from slsa_gen.publish.naming import Naming, bundle_path
from slsa_gen.report import attested, document, problem
from slsa_gen.report.style import style_for
from slsa_gen.subjects.collect import Collection, collect
from slsa_gen.subjects.declared import VARIABLE
from slsa_gen.subjects.progress import SilentProgress, StderrProgress
from slsa_gen.subjects.request import SubjectRequest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.predicate import Predicate
    from slsa_gen.cli.signing import Signing
    from slsa_gen.limits import Limits
    from slsa_gen.model.attestation import AttestResult
    from slsa_gen.model.instance import SigstoreInstance


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of the command: its options and what they were made into."""

    args: argparse.Namespace
    console: Console
    limits: Limits

    @property
    def base(self) -> Path:
        """Return the folder that relative paths start at."""
        return Path.cwd()


def attest_files(args: argparse.Namespace, console: Console) -> int:
    """Run the first pipeline with the command's options.

    Returns:
        0, or that of the worst problem when the bundle is written and could not be put at a
        further target; everything else is an error of the tree in ``errors.py``.
    """
    run = _Run(args, console, signing.limits_for(args))
    check_options(args)
    own = own_predicate(args, run.limits)
    if args.identity == INTERACTIVE:
        check_for_person(own)
    with signing.opened(args, console, signs=not args.dry_run) as opened:
        return _attest(run, own, opened)


def _attest(run: _Run, own: Predicate | None, opened: Signing) -> int:
    """Hash, draft, and unless it is a dry run sign and write."""
    args, console, limits, context = run.args, run.console, run.limits, opened.context
    release = None if args.dry_run else release_plan(args, context, console, opened.http, limits)
    predicate = predicate_for(own, context)
    collection = _collect(run, opened.variables)
    plan = attest.draft(collection.subjects, context, predicate.type, predicate.body, limits)
    if args.dry_run:
        for statement in plan.statements:
            console.result(document.shown(statement.payload.decode("utf-8")))
        return 0
    path = shortened(bundle_path(collection.subjects, collection.files, _naming(run), run.base))
    file = FileTarget(path, overwrite=args.overwrite, max_bytes=limits.bundle_file_bytes)
    further = () if release is None else (release.target(path, console, limits),)
    targets = Targets(file, further)
    # The signing process imports sigstore meanwhile, on another core.
    from slsa_gen.evidence.prove import Prover  # noqa: PLC0415 (heavy)
    from slsa_gen.evidence.read import read_bytes  # noqa: PLC0415 (as above)

    prover = Prover(opened.instance, limits)
    result = attest.attest(plan, opened.signer, prover, targets, read_bytes, limits)
    _report(run, result, collection, opened.instance)
    return result.exit_code


def _collect(run: _Run, variables: Mapping[str, str]) -> Collection:
    """Find and hash the subjects."""
    args, console = run.args, run.console
    request = SubjectRequest(
        patterns=(*args.paths, *args.subject_path),
        pattern_files=tuple(args.subject_path_file),
        checksum_files=tuple(args.subject_checksums),
        digests=tuple(args.subject_digest),
        name=args.subject_name or "",
        base64_texts=tuple(args.base64_subjects),
        base64_files=tuple(args.base64_subjects_as_file),
        declared=_declared(console.environment),
    )
    quiet = console.verbosity < 0
    with StderrProgress(console.err, console.clock, run.limits) as progress:
        collection = collect(
            request,
            base=run.base,
            boundary=workspace(variables),
            relative_names=args.names == "relative",
            algorithms=("sha256", "sha512") if args.sha512 else ("sha256",),
            limits=run.limits,
            progress=SilentProgress() if quiet else progress,
        )
    for skipped in collection.skipped:
        console.note(f"left out, since it is evidence and not a product: {str(skipped)!r}")
    return collection


def _declared(environment: Mapping[str, str]) -> str | None:
    """Return the path of the run's list of declared artifacts; None outside a run.

    Asked of the environment itself: the sandbox stands in for a run, but no step of it has
    declared anything.
    """
    is_run = environment.get("GITHUB_ACTIONS") == "true"
    return environment.get(VARIABLE, "") if is_run else None


def _naming(run: _Run) -> Naming:
    return Naming(run.args.provenance_name or "", run.args.output or "")


def _report(
    run: _Run,
    result: AttestResult,
    collection: Collection,
    instance: SigstoreInstance,
) -> None:
    style = style_for(run.console.err, run.console.environment)
    for failed in result.problems:
        run.console.say(problem.written(failed, style).rstrip())
    is_json = run.args.format == "json"
    run.console.document(lambda: document.attested(result), shown=is_json)
    if is_json:
        return
    files = [os.fspath(shortened(path)) for path in collection.files[:1]]
    sigstore = SANDBOX if instance.is_sandbox else run.args.sigstore
    run.console.result(attested.written(result, files, sigstore, run.console.style))
    if instance.is_sandbox:
        run.console.result("This was signed by the sandbox: it proves nothing to anyone else.")
