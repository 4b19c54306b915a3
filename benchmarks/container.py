"""``docker run … attest`` and ``verify``: the time of each as a user waits for it.

Usage: ``python benchmarks/container.py [ROUNDS]`` (10 unless said). ``SLSA_GEN_IMAGE`` names
the image (``make image`` makes ``localhost/slsa-gen:dev``), ``DOCKER`` the engine's client.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from measure import in_turns, milliseconds, numbers, table

_VARIABLES: Final = dict(os.environ)  # noqa: TID251 (a script)
DOCKER: Final = _VARIABLES.get("DOCKER", "docker")
IMAGE: Final = _VARIABLES.get("SLSA_GEN_IMAGE", "localhost/slsa-gen:dev")


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.bin").write_bytes(b"built\n")
        here = ("--mount", f"type=bind,src={folder},dst=/project", "--workdir", "/project")
        sandbox = ("--env", "SLSA_GEN_SANDBOX=/project/.sandbox")
        root = ("sandbox", "trusted-root", "--output", "root.json")
        attest = _run(*here, *sandbox, IMAGE, "attest", "--sigstore", "sandbox", "app.bin")
        verify = _run(
            *(*here, "--network", "none", IMAGE, "verify", "--custom-trusted-root", "root.json"),
            *("--repo", "sandbox/sandbox", "app.bin"),
        )
        for command in (attest, _run(*here, *sandbox, IMAGE, *root)):
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own)
        # A bundle that is there would be the result; each round signs anew.
        bundle = shlex.quote(str(folder / "app.bin.intoto.jsonl"))
        anew = ["sh", "-c", f"rm {bundle} && exec {shlex.join(attest)}"]
        commands = {
            "nothing: python -c pass": _run("--entrypoint", "python3", IMAGE, "-c", "pass"),
            "slsa-gen --version": _run(IMAGE, "--version"),
            "attest one file, with the sandbox": anew,
            "verify it, with --network none": verify,
        }
        results = in_turns(commands, rounds)
    rows = [(name, milliseconds(result.seconds)) for name, result in results.items()]
    print(table(("docker run", f"median of {rounds}"), rows))


def _run(*arguments: str) -> list[str]:
    return [DOCKER, "run", "--rm", *arguments]


if __name__ == "__main__":
    main(*numbers(10))
