"""What ``sandbox`` does once it is wanted."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import PublishError, ServiceError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.sandbox import folder as folders
from slsa_gen.sandbox import lifecycle, trust
from slsa_gen.sandbox.server import Sandbox

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from slsa_gen.cli.console import Console
    from slsa_gen.model.instance import SigstoreInstance

#: Names the file with the client trust configuration of the services that run.
LIVE_CONFIG: Final = "SLSA_GEN_SANDBOX_TRUST_CONFIG"

_FAILED: Final = 3
_BY_SIGNAL: Final = 128
_LOOPBACK: Final = "localhost,127.0.0.1,::1"


def run_action(args: argparse.Namespace, console: Console) -> int:
    """Run the action that the arguments name, and return the exit code."""
    folder = folders.sandbox_folder(console.environment)
    if args.action == "env":
        return _env(args.cmd, folder, console)
    if args.action == "trust-config":
        return _trust_config(args.output, folder, console)
    removed = lifecycle.reset(folder)
    console.note(f"{folder}: {'removed' if removed else 'there was no sandbox'}")
    return 0


def _env(words: Sequence[str], folder: Path, console: Console) -> int:
    """Run a command as in a workflow run, and return its own exit code."""
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise UsageError(
            "sandbox env runs a command, and none is given",
            hint="slsa-gen sandbox env -- COMMAND ARGUMENT…",
            reason=Reason.SANDBOX_COMMAND,
        )
    code = _FAILED
    try:
        with Sandbox(folder, console.clock) as sandbox, tempfile.TemporaryDirectory() as place:
            config = Path(place, "trust-config.json")
            config.write_bytes(_client_config(sandbox.instance()))
            code = _status(command, _variables(sandbox, folder, config, console))
    except ServiceError:
        # What the command said about itself comes before what we say about ourselves.
        if code in {0, _FAILED}:
            raise
    return code


def _variables(sandbox: Sandbox, folder: Path, config: Path, console: Console) -> dict[str, str]:
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
        LIVE_CONFIG: str(config),
    }


def _status(command: Sequence[str], variables: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=variables)  # noqa: S603 (what the user asked for)
    except OSError as error:
        raise UsageError(
            f"the command {command[0]!r} cannot be run: {error.strerror}",
            hint="slsa-gen sandbox env -- COMMAND ARGUMENT…",
            reason=Reason.SANDBOX_COMMAND,
        ) from error
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The terminal interrupted the command too; how it ends is for it to say.
            continue
        return code if code >= 0 else _BY_SIGNAL - code


def _trust_config(output: str | None, folder: Path, console: Console) -> int:
    """Print the client trust configuration: of the running services, or the root's at least."""
    live = console.environment.get(LIVE_CONFIG, "")
    if live:
        content = _live(Path(live))
    else:
        with Sandbox(folder, console.clock) as sandbox:
            content = _client_config(sandbox.instance())
        console.note("the services are only there within: slsa-gen sandbox env -- COMMAND")
    if output is None:
        console.result(content.decode("utf-8"))
        return 0
    try:
        Path(output).write_bytes(content + b"\n")
    except OSError as error:
        raise PublishError(
            f"the configuration cannot be written to {output!r}: {error.strerror}",
            hint="Give --output a path in a folder that this user may write to.",
            reason=Reason.SANDBOX_OUTPUT,
        ) from error
    return 0


def _live(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        strictjson.loads_object(
            content, max_bytes=DEFAULT_LIMITS.trust_bytes, max_depth=DEFAULT_LIMITS.json_depth
        )
    except (OSError, strictjson.StrictJsonError) as error:
        raise UsageError(
            f"{LIVE_CONFIG} names {str(path)!r}, which is not a configuration of running services",
            hint="Run it within: slsa-gen sandbox env -- COMMAND, or unset the variable.",
            reason=Reason.USAGE_OPTION,
        ) from error
    return content


def _client_config(instance: SigstoreInstance) -> bytes:
    return trust.client_config(instance.trusted_root, instance.signing_config or b"{}")
