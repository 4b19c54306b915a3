"""``run`` with ``--link-format classic``: a link signed by a key, and nothing that leaves here."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.cli.recording import FAILED, shortened
from slsa_gen.errors import PublishError, UsageError
from slsa_gen.intoto.classic import classic_link
from slsa_gen.intoto.signing_key import read_signing_key
from slsa_gen.publish import whole
from slsa_gen.reasons import Reason
from slsa_gen.report import document, ran

if TYPE_CHECKING:
    from slsa_gen.cli.recording import Running
    from slsa_gen.intoto.recorder import Recording
    from slsa_gen.intoto.signing_key import SigningKey


def run_classic(run: Running) -> int:
    """Run the command, and write the link that ``in-toto-verify`` reads.

    Raises:
        UsageError: the key is none, or a file is in the way; before the command runs.
        SlsaGenError: the command cannot be recorded, or the link not be written.
    """
    console = run.console
    ask = getpass.getpass if _is_terminal(run) else None
    key = read_signing_key(Path(run.args.signing_key), console.environment, ask, run.limits)
    if key.exposed:
        console.note(key.exposed)
    path = _path(run, f"{run.step.name}.{key.public.short_id}.link")
    failed = _path(run, f"{run.step.name}{FAILED}.{key.public.short_id}.link")
    _check(run, path)
    if run.args.keep_failed:
        _check(run, failed)
    recording = run.recorded(console.environment)
    record = recording.record
    if not recording.succeeded and not run.args.keep_failed:
        console.document(lambda: document.ran(record, None), shown=run.is_json)
        return recording.outcome.exit_code
    # in-toto-verify takes the link of a failure for one of a success, if it is called so.
    written = _written(run, recording, key, path if recording.succeeded else failed)
    console.document(lambda: document.ran(record, None, link=written), shown=run.is_json)
    if not run.is_json:
        console.result(ran.classic(record, written, key.public.keyid, console.style))
    return recording.outcome.exit_code


def _is_terminal(run: Running) -> bool:
    try:
        return os.isatty(0) and run.console.err.isatty()
    except ValueError:  # closed
        return False


def _path(run: Running, name: str) -> Path:
    """Return where the link goes: this folder, where in-toto-run puts it, or ``--output``."""
    output = run.args.output
    if output is None:
        return run.base / name
    path: Path = run.base / output
    return path / name if output.endswith(os.sep) or path.is_dir() else path


def _check(run: Running, path: Path) -> None:
    """Make sure that the link can be put there, as far as that is seen before the command."""
    if os.path.lexists(path) and not run.args.overwrite:
        raise UsageError(
            f"{str(shortened(path))!r} is already there, and each run is a record of its own",
            hint="Give --output another path, or add --overwrite to replace the file.",
            reason=Reason.USAGE_OUTPUT_EXISTS,
        )
    if path.parent.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unwritable(path, "this user may not write there")


def _written(run: Running, recording: Recording, key: SigningKey, path: Path) -> str:
    """Sign the link, write it, and return its path."""
    link = classic_link(recording.record, key, run.limits)
    _check(run, path)
    try:
        whole.replace(path, link.data)
    except OSError as error:
        raise _unwritable(path, error.strerror or "the system refused") from error
    return str(shortened(path))


def _unwritable(path: Path, why: str) -> PublishError:
    return PublishError(
        f"the link {str(shortened(path))!r} cannot be written: {why}",
        hint="Give --output a path in a folder that this user may write to.",
        reason=Reason.PUBLISH_FILE,
    )
