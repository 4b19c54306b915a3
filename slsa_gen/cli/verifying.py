"""What ``verify`` does once it is wanted: puts the parts of the second pipeline together."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from slsa_gen.cli import by_layout
from slsa_gen.cli.artifacts import artifact_words, name_artifacts
from slsa_gen.cli.instances import PUBLIC, SANDBOX, verifying_instance
from slsa_gen.errors import UsageError
from slsa_gen.evidence.prove import Prover
from slsa_gen.evidence.read import read_file
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.layout import LAYOUT_V1
from slsa_gen.policy import document as policy_document
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason
from slsa_gen.report import document, verdicts
from slsa_gen.sources.beside import Beside
from slsa_gen.sources.given import Given
from slsa_gen.subjects.hashing import hash_files
from slsa_gen.subjects.progress import SilentProgress, StderrProgress
from slsa_gen.verify import Verification, exit_code, worst
from slsa_gen.verify_layout import LayoutVerification

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from slsa_gen.cli.console import Console
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.model.verdict import Outcome, Verdict
    from slsa_gen.verify import Artifact, Source
    from slsa_gen.verify_layout import LayoutJudge

#: The options that a policy file takes the place of: flag and attribute.
_EXPECTATIONS = (
    "repo",
    "owner",
    "signer_workflow",
    "signer_repo",
    "source_ref",
    "source_tag",
    "source_branch",
    "source_digest",
    "cert_identity",
    "cert_oidc_issuer",
    "predicate_type",
)


#: The Sigstores of which it is known, before they are loaded, whether they are the sandbox.
_NAMED = PUBLIC | {SANDBOX}


class _Runs(Protocol):
    """A pipeline that gives a verdict on each artifact."""

    def run(self, artifacts: Sequence[Artifact], /) -> Iterator[Verdict]:
        """Yield one verdict for each artifact."""
        ...


def verify_artifacts(args: argparse.Namespace, console: Console) -> int:
    """Run the second pipeline with the command's options.

    Returns:
        0 when every artifact is accepted, 1 when one is refused, 2 and 3 as in ``verify``.
    """
    limits = DEFAULT_LIMITS
    by_layout.check_options(args)
    artifacts = name_artifacts(artifact_words(args.artifacts, args.artifacts_file))
    if args.layout is not None:
        return _by_layout(args, artifacts, console)
    source = _source(args, artifacts)
    _check_expectation(args)
    instance = _instance(args, console)
    with StderrProgress(console.err, console.clock, limits) as progress:
        shown = SilentProgress() if console.verbosity < 0 else progress
        verification = Verification(
            hash_files=lambda paths, algorithms: hash_files(paths, algorithms, progress=shown),
            source=source,
            prover=Prover(instance, limits),
            judge=evaluate,
            policy_for=_policies(args, instance),
        )
        return _told(verification, artifacts, args, console)


def _by_layout(args: argparse.Namespace, artifacts: Sequence[Artifact], console: Console) -> int:
    """Run the third pipeline: by a layout of either kind."""
    limits = DEFAULT_LIMITS
    layout = by_layout.load_layout(args, limits)
    # Of use here alone, and heavy: they import in_toto.
    from slsa_gen.cli.layout_judges import ClassicJudge, KeylessJudge  # noqa: PLC0415 (see above)

    judge: LayoutJudge
    if layout.keyless is None:
        judge = ClassicJudge.of(layout, args, console, limits)
    else:
        if _is_named(args):
            _policy(args, sandbox=args.sigstore == SANDBOX)
        instance = _instance(args, console)
        judge = KeylessJudge(
            layout,
            layout.keyless,
            args,
            _given(args),
            Prover(instance, limits),
            replace(_policy(args, sandbox=instance.is_sandbox), predicate_type=LAYOUT_V1),
            console,
            limits,
        )
    with StderrProgress(console.err, console.clock, limits) as progress:
        shown = SilentProgress() if console.verbosity < 0 else progress
        verification = LayoutVerification(
            lambda paths, algorithms: hash_files(paths, algorithms, progress=shown), judge
        )
        return _told(verification, artifacts, args, console)


def _told(
    verification: _Runs, artifacts: Sequence[Artifact], args: argparse.Namespace, console: Console
) -> int:
    if args.format == "json":
        return _document(verification, artifacts, console)
    return _lines(verification, artifacts, console)


def _document(verification: _Runs, artifacts: Sequence[Artifact], console: Console) -> int:
    found = tuple(verification.run(artifacts))
    code = worst(exit_code(verdict) for verdict in found)
    console.document(lambda: document.verified(found, code), shown=True)
    return code


def _lines(verification: _Runs, artifacts: Sequence[Artifact], console: Console) -> int:
    """Write each verdict as it comes: a hundred thousand need be kept for a listener only."""
    several, every_check = len(artifacts) > 1, console.verbosity > 0
    counts: Counter[Outcome] = Counter()
    codes = set()
    kept: list[Verdict] = []
    for verdict in verification.run(artifacts):
        counts[verdict.outcome] += 1
        codes.add(exit_code(verdict))
        if console.wants_document:
            kept.append(verdict)
        console.result(
            verdicts.written(verdict, console.style, in_full=not several, every_check=every_check)
        )
    if several:
        console.result(verdicts.summary(counts))
    console.document(lambda: document.verified(kept, worst(codes)), shown=False)
    return worst(codes)


def _instance(args: argparse.Namespace, console: Console) -> SigstoreInstance:
    instance = verifying_instance(
        args.sigstore, args.custom_trusted_root, console, DEFAULT_LIMITS, offline=args.offline
    )
    if instance.origin:
        console.note(f"trusted root: {instance.origin}")
    return instance


def _is_named(args: argparse.Namespace) -> bool:
    """Tell whether it is known before anything is loaded if the Sigstore is a sandbox."""
    return args.custom_trusted_root is None and args.sigstore in _NAMED


def _given(args: argparse.Namespace) -> list[Evidence]:
    return [e for name in args.bundle for e in read_file(Path(name), DEFAULT_LIMITS)]


def _source(args: argparse.Namespace, artifacts: Sequence[Artifact]) -> Source:
    """Return where bundles are looked for: those that are given, else beside the artifacts."""
    if args.bundle:
        return Given(_given(args), DEFAULT_LIMITS)
    bare = next((a for a in artifacts if a.path is None), None)
    if bare is not None:
        raise UsageError(
            f"{bare.name!r} is a digest: there is nothing beside it where a bundle could lie",
            hint="Give the bundle: --bundle FILE",
            reason=Reason.USAGE_OPTION,
        )
    return Beside(DEFAULT_LIMITS)


def _check_expectation(args: argparse.Namespace) -> None:
    """Refuse options that say nothing, or say it twice, before any service is asked."""
    if not args.policy:
        if _is_named(args):
            _policy(args, sandbox=args.sigstore == SANDBOX)
        return
    both = [name for name in _EXPECTATIONS if getattr(args, name) is not None]
    if args.deny_self_hosted_runners:
        both.append("deny_self_hosted_runners")
    if both:
        flag = f"--{both[0].replace('_', '-')}"
        raise UsageError(
            f"--policy says what is expected, and so does {flag}",
            hint=f"Leave one of them away, or write {flag[2:]} into the policy file.",
            reason=Reason.USAGE_EXPECTATION,
        )


def _policies(args: argparse.Namespace, instance: SigstoreInstance) -> Callable[[Artifact], Policy]:
    """Return what is expected of each artifact."""
    if args.policy:
        loaded = policy_document.load(
            Path(args.policy), DEFAULT_LIMITS, sandbox=instance.is_sandbox
        )
        return lambda artifact: loaded.policy_for(artifact.name)
    policy = _policy(args, sandbox=instance.is_sandbox)
    return lambda _: policy


def _policy(args: argparse.Namespace, *, sandbox: bool) -> Policy:
    expected = {name: getattr(args, name) for name in _EXPECTATIONS}
    return Policy.make(
        **expected, deny_self_hosted_runners=args.deny_self_hosted_runners, sandbox=sandbox
    )
