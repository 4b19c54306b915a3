"""What ``sandbox`` does once it is wanted."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import PublishError, ServiceError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.publish import whole
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import RegularFileError, read_regular
from slsa_gen.sandbox import folder as folders
from slsa_gen.sandbox import lifecycle, status, trust
from slsa_gen.sandbox.server import Sandbox
from slsa_gen.scratch import REMEDY, scratch_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from tempfile import TemporaryDirectory

    from slsa_gen.cli.console import Console
    from slsa_gen.model.instance import SigstoreInstance

#: Name files with the documents of the services that run: all in one, and its two parts,
#: which is how other clients want them.
LIVE_CONFIG: Final = "SLSA_GEN_SANDBOX_TRUST_CONFIG"
LIVE_ROOT: Final = "SLSA_GEN_SANDBOX_TRUSTED_ROOT"
LIVE_SIGNING: Final = "SLSA_GEN_SANDBOX_SIGNING_CONFIG"

_FAILED: Final = 3
_BY_SIGNAL: Final = 128
_LOOPBACK: Final = "localhost,127.0.0.1,::1"
_USAGE: Final = "slsa-gen sandbox env -- COMMAND ARGUMENT…"


def run_action(args: argparse.Namespace, console: Console) -> int:
    """Run the action that the arguments name, and return the exit code."""
    folder = folders.sandbox_folder(console.environment)
    match args.action:
        case "env":
            return _env(args.cmd, folder, console)
        case "trust-config":
            _write(_trust_config(folder, console), args.output, console)
        case "trusted-root":
            _write(folders.trusted_instance(folder).trusted_root, args.output, console)
        case "status":
            console.result(_described(folder))
        case _:
            removed = lifecycle.reset(folder)
            console.note(f"{folder}: {'removed' if removed else 'there was no sandbox'}")
    return 0


def _env(words: Sequence[str], folder: Path, console: Console) -> int:
    """Run a command as in a workflow run, and return its own exit code."""
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise UsageError(
            "sandbox env runs a command, and none is given",
            hint=_USAGE,
            reason=Reason.SANDBOX_COMMAND,
        )
    code = _FAILED
    try:
        with Sandbox(folder, console.clock) as sandbox, _place() as place:
            files = _live_files(sandbox.instance(), Path(place))
            code = _status(command, {**_variables(sandbox, folder, console), **files})
    except ServiceError:
        # What the command said about itself comes before what we say about ourselves.
        if code in {0, _FAILED}:
            raise
    return code


def _place() -> TemporaryDirectory[str]:
    """Return a folder for the documents of the running services."""
    try:
        return scratch_folder("slsa-gen-sandbox-")
    except OSError as error:
        raise ServiceError(
            "there is no folder for temporary files, to say in it how the services are reached",
            hint=REMEDY,
            reason=Reason.SANDBOX_FOLDER,
        ) from error


def _live_files(instance: SigstoreInstance, place: Path) -> dict[str, str]:
    """Write the documents of the running services, and return the variables that name them."""
    documents = {
        LIVE_CONFIG: ("trust-config.json", _client_config(instance)),
        LIVE_ROOT: ("trusted-root.json", instance.trusted_root),
        LIVE_SIGNING: ("signing-config.json", instance.signing_config or b"{}"),
    }
    for name, content in documents.values():
        (place / name).write_bytes(content)
    return {variable: str(place / name) for variable, (name, _) in documents.items()}


def _variables(sandbox: Sandbox, folder: Path, console: Console) -> dict[str, str]:
    """Return the command's environment: the user's own, and that of a run."""
    kept = {k: v for k, v in console.environment.items() if k != "SIGSTORE_ID_TOKEN"}
    run = sandbox.run_variables(Path.cwd())
    # Loopback never goes through a proxy, whichever client asks.
    excluded = ",".join(filter(None, (_LOOPBACK, kept.get("no_proxy") or kept.get("NO_PROXY"))))
    return {
        **kept,
        **run,
        "NO_PROXY": excluded,
        "no_proxy": excluded,
        "SLSA_GEN_SANDBOX": str(folder),
    }


def _status(command: Sequence[str], variables: dict[str, str]) -> int:
    with _passing_on() as pass_to:
        try:
            process = subprocess.Popen(command, env=variables)  # noqa: S603 (the user's own)
        except OSError as error:
            raise UsageError(
                f"the command {command[0]!r} cannot be run: {error.strerror}",
                hint=_USAGE,
                reason=Reason.SANDBOX_COMMAND,
            ) from error
        pass_to(process)
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                # The terminal interrupted the command too; how it ends is for it to say.
                continue
            return code if code >= 0 else _BY_SIGNAL - code


@contextmanager
def _passing_on() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Pass on what would end us, so that no command is left without its services.

    Yields what is told of the command once it runs; a signal that came before that is passed
    on then.
    """
    processes: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def passed_on(number: int, _frame: object) -> None:
        if processes:
            processes[0].send_signal(number)
        else:
            early.append(number)

    def tell(process: subprocess.Popen[bytes]) -> None:
        processes.append(process)
        for number in early:
            process.send_signal(number)

    if threading.current_thread() is not threading.main_thread():
        yield tell  # only the main thread may say what a signal does
        return
    passed = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, passed_on) for number in passed]
    try:
        yield tell
    finally:
        for number, handler in zip(passed, before, strict=True):
            signal.signal(number, handler)


def _trust_config(folder: Path, console: Console) -> bytes:
    """Return the client trust configuration: of the running services, or the root's at least."""
    if live := console.environment.get(LIVE_CONFIG, ""):
        return _live(Path(live))
    with Sandbox(folder, console.clock) as sandbox:
        content = _client_config(sandbox.instance())
    console.note("the services are only there within: slsa-gen sandbox env -- COMMAND")
    return content


def _live(path: Path) -> bytes:
    try:
        content = read_regular(path, DEFAULT_LIMITS.trust_bytes)
        strictjson.loads_object(
            content, max_bytes=DEFAULT_LIMITS.trust_bytes, max_depth=DEFAULT_LIMITS.json_depth
        )
    except (OSError, RegularFileError, strictjson.StrictJsonError) as error:
        raise UsageError(
            f"{LIVE_CONFIG} names {str(path)!r}, which is not a configuration of running services",
            hint="Run it within: slsa-gen sandbox env -- COMMAND, or unset the variable.",
            reason=Reason.SANDBOX_COMMAND,
        ) from error
    return content


def _write(content: bytes, output: str | None, console: Console) -> None:
    """Print a document, or write it to a file."""
    if output is None:
        console.result(content.decode("utf-8"))
        return
    try:
        whole.replace(Path(output), content + b"\n")
    except OSError as error:
        raise PublishError(
            f"the configuration cannot be written to {output!r}: {error.strerror}",
            hint="Give --output a path in a folder that this user may write to.",
            reason=Reason.SANDBOX_OUTPUT,
        ) from error


def _described(folder: Path) -> str:
    """Return what there is to say of a sandbox, for people."""
    found = status.look(folder)
    if found is None:
        return (
            f"folder:  {folder}\nthere is no sandbox yet: the first command that uses it makes it"
        )
    return "\n".join(
        (
            f"folder:  {folder}",
            f"valid:   from {found.start}",
            f"log:     {found.head.size} entries, root {found.head.root.hex()}",
            f"runs:    {found.runs}",
        )
    )


def _client_config(instance: SigstoreInstance) -> bytes:
    return trust.client_config(instance.trusted_root, instance.signing_config or b"{}")
