"""Brings the stack up for a person: prints what to export, and waits for Ctrl-C.

``python -m tests.stack.services build`` only builds the programs.
"""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from tests.stack.services.builds import BuildError, Cache, Pins, cache_folder
from tests.stack.services.processes import StartError
from tests.stack.services.stack import LOGS, Stack, brought_up, build, missing


def main(arguments: list[str]) -> int:
    """Run until it is interrupted.

    Returns:
        0 after Ctrl-C, 1 when something did not build or start, 2 when something is missing.
    """
    variables = environment.variables()
    lacking = missing(variables)
    if lacking:
        _say(f"stack: {lacking}")
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have them ignored
        signal.signal(number, _interrupt)
    began = time.monotonic()
    try:
        cache = Cache(cache_folder(variables), variables, Pins.read(), _say)
        if arguments == ["build"]:
            build(cache)
            return 0
        with (
            tempfile.TemporaryDirectory(prefix="slsa-gen-stack-") as folder,
            brought_up(cache, Path(folder), SystemClock()) as stack,
        ):
            print(_exports(stack), flush=True)  # noqa: T201 (the result of the program)
            _say(f"up after {time.monotonic() - began:.1f} s, in {folder}; Ctrl-C ends it")
            signal.pause()
    except KeyboardInterrupt:
        _say("ended")
    except (BuildError, StartError) as error:
        _say(f"stack: {error}")
        return 1
    return 0


def _exports(stack: Stack) -> str:
    """Return the lines for a shell, with an example of how they are used."""
    values = stack.run()
    for version in LOGS:
        documents = stack.documents[version]
        values[f"STACK_TRUST_CONFIG_V{version}"] = str(documents.client_config)
        values[f"STACK_TRUSTED_ROOT_V{version}"] = str(documents.trusted_root)
        values[f"STACK_SIGNING_CONFIG_V{version}"] = str(documents.signing_config)
    values["STACK_ISSUER"] = stack.issuer.url
    values["STACK_COSIGN"] = str(stack.program("cosign"))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join(
        (
            "# The variables of a workflow's run, and the stack's documents:",
            *lines,
            "# Then, for instance:",
            '#   slsa-gen attest --sigstore "$STACK_TRUST_CONFIG_V2" FILE',
            '#   slsa-gen verify --sigstore "$STACK_TRUST_CONFIG_V2" \\',
            '#     --repo "$GITHUB_REPOSITORY" --cert-oidc-issuer "$STACK_ISSUER" FILE',
        )
    )


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 (this is a program)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
