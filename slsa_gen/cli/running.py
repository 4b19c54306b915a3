"""What ``run`` does once it is wanted: everything that can be refused, then the command.

The order is the promise: options, names, patterns, files in the way, the identity and the
materials come before the command; after it only what the command itself decides can fail.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import attest
from slsa_gen.cli import signing
from slsa_gen.cli.here import shortened
from slsa_gen.cli.instances import SANDBOX
from slsa_gen.cli.recording import CLASSIC, FAILED, Running
from slsa_gen.cli.turns import Turns
from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.intoto import artifacts
from slsa_gen.intoto.asked import asked_step
from slsa_gen.intoto.statements import draft, failed_draft
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.publish.interface import Targets
from slsa_gen.publish.record import RecordFile, record_path
from slsa_gen.reasons import Reason
from slsa_gen.report import document, problem, ran
from slsa_gen.report.style import style_for

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.signing import Signing
    from slsa_gen.intoto.recorder import Recording
    from slsa_gen.model.attestation import AttestResult

_EXAMPLE: Final = "slsa-gen run --product 'dist/*' -- make dist"
_ENDED_WELL: Final = "; the command had ended well, and what it made is there, but is not on record"


def run_step(args: argparse.Namespace, console: Console) -> int:
    """Run a command, and put it on record.

    Returns:
        The command's status; 3 when that was 0 and ours failed, as an error of the tree in
        ``errors.py``.
    """
    _check_options(args)
    step = asked_step(
        name=args.step,
        command=args.cmd,
        products=args.product,
        materials=() if args.no_materials else args.material or None,
        recorded=args.environment,
        environment=console.environment,
    )
    artifacts.check_patterns([*step.products], Path.cwd())
    artifacts.check_patterns([*(step.materials or ())], Path.cwd())
    with Turns(console, document=args.format == "json") as turns:
        run = Running(args, console, DEFAULT_LIMITS, step, turns)
        try:
            if args.link_format == CLASSIC:
                from slsa_gen.cli.running_classic import run_classic  # noqa: PLC0415 (its own needs)

                return run_classic(run)
            return _run_attested(run)
        except SlsaGenError as error:
            if not turns.command_ended or error.reason is Reason.RUN_COMMAND:  # it never began
                raise
            # Whatever it is: the command was run, and is not to be run again for a wrong option.
            raise SlsaGenError(
                f"{error.message}{_ENDED_WELL}", hint=error.hint, reason=error.reason
            ) from error


def _check_options(args: argparse.Namespace) -> None:
    """Refuse what is incomplete or has no effect, before anything is asked or run."""
    if args.cmd is None:
        raise _wrong("run takes the command after --, and there is no --", _EXAMPLE)
    if not args.cmd or not args.cmd[0]:
        raise _wrong("there is no command after --", _EXAMPLE)
    if not args.product:
        raise _wrong(
            "nothing says what the command makes: --product is missing",
            "Name the files, such as --product 'dist/*' (in quotes); what is not named is not "
            "attested.",
        )
    if args.no_materials and args.material:
        raise _wrong(
            "--no-materials says that the command starts from no file, and --material names some",
            "Leave one of them out.",
        )
    if args.timeout is not None and not (math.isfinite(args.timeout) and args.timeout > 0):
        raise _wrong(
            f"--timeout takes a number of seconds above 0, got {args.timeout:g}",
            "Leave it out, and the command may take as long as it likes.",
        )
    if args.link_format == CLASSIC:
        if args.signing_key is None:
            raise _wrong(
                "--link-format classic is signed by a key, and --signing-key is missing",
                "Add --signing-key FILE. To make one: openssl genpkey -algorithm ed25519 -out FILE",
            )
    elif args.signing_key is not None:
        raise _wrong(
            "--signing-key signs classic links, and an attestation is signed keylessly",
            "Add --link-format classic, or leave --signing-key out.",
        )


def _wrong(message: str, hint: str) -> UsageError:
    return UsageError(message, hint=hint, reason=Reason.USAGE_OPTION)


def _run_attested(run: Running) -> int:
    """Run the command between an identity and its signature."""
    file = _file(run, run.step.name)
    file.check_before(run.step.products, run.base)
    failed = _file(run, f"{run.step.name}{FAILED}") if run.args.output is None else file
    if run.args.keep_failed:
        failed.check_before(run.step.products, run.base)
    with signing.opened(run.args, run.console) as opened:
        start = run.console.clock.monotonic()
        recording = run.recorded(opened.variables)
        # The command's time is not that of the services.
        opened.budget.leave_out(run.console.clock.monotonic() - start)
        if recording.succeeded:
            result = _attested(run, opened, recording, file)
            _report(run, opened, recording, result)
            return result.exit_code
        if not run.args.keep_failed:
            _report_failure(run, recording)
            return recording.outcome.exit_code
        _keep(run, opened, recording, failed)
    return recording.outcome.exit_code


def _file(run: Running, name: str) -> RecordFile:
    path = record_path(name, run.step.products, run.args.output, run.base)
    return RecordFile(
        shortened(path), overwrite=run.args.overwrite, max_bytes=run.limits.bundle_file_bytes
    )


def _attested(
    run: Running, opened: Signing, recording: Recording, file: RecordFile
) -> AttestResult:
    """Sign what is said of the step, prove it, and write it."""
    make = draft if recording.succeeded else failed_draft
    plan = make(recording.record, opened.context, run.limits)
    from slsa_gen.evidence.prove import Prover  # noqa: PLC0415 (heavy)
    from slsa_gen.evidence.read import read_bytes  # noqa: PLC0415 (as above)

    prover = Prover(opened.instance, opened.limits)
    return attest.attest(plan, opened.signer, prover, Targets(file), read_bytes, opened.limits)


def _keep(run: Running, opened: Signing, recording: Recording, file: RecordFile) -> None:
    """Write the link of a command that failed; the command's status stays what counts."""
    console = run.console
    if not recording.record.products:
        console.note(
            "none of its products is there, and a statement speaks of at least one file: nothing "
            "is written (a classic link can be without: --link-format classic)"
        )
        _report_failure(run, recording)
        return
    try:
        result = _attested(run, opened, recording, file)
    except SlsaGenError as failure:
        error = failure
        console.say(problem.written(error, style_for(console.err, console.environment)).rstrip())
        console.document(
            lambda: document.ran(recording.record, None, error=error), shown=run.is_json
        )
        return
    _report(run, opened, recording, result)


def _report(run: Running, opened: Signing, recording: Recording, result: AttestResult) -> None:
    console = run.console
    console.document(lambda: document.ran(recording.record, result), shown=run.is_json)
    if run.is_json:
        return
    sandbox = opened.instance.is_sandbox
    files = [product.name for product in recording.record.products[:1]]
    sigstore = SANDBOX if sandbox else run.args.sigstore
    console.result(ran.written(recording.record, result, files, sigstore, console.style))
    if sandbox:
        console.result("This was signed by the sandbox: it proves nothing to anyone else.")


def _report_failure(run: Running, recording: Recording) -> None:
    run.console.document(lambda: document.ran(recording.record, None), shown=run.is_json)
