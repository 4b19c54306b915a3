"""``run`` with ``--link-format classic``: a link signed by a key, and nothing that leaves here."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.cli.here import shortened
from slsa_gen.cli.recording import FAILED
from slsa_gen.errors import PublishError
from slsa_gen.intoto.classic import classic_link
from slsa_gen.intoto.signing_key import read_signing_key
from slsa_gen.publish import whole
from slsa_gen.publish.naming import within
from slsa_gen.publish.record import refuse_if_there
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
    ask = getpass.getpass if os.isatty(0) and console.is_terminal else None
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


def _path(run: Running, name: str) -> Path:
    """Return where the link goes: this folder, where in-toto-run puts it, or ``--output``."""
    output = run.args.output
    return run.base / name if output is None else within(output, name, run.base)


def _check(run: Running, path: Path) -> None:
    """Make sure that the link can be put there, as far as that is seen before the command."""
    refuse_if_there(shortened(path), overwrite=run.args.overwrite)
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
