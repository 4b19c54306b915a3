"""One ``verify``, and a thousand artifacts in one ``verify``, against ``sigstore verify``.

Usage: ``python benchmarks/verify.py [COUNT] [ROUNDS]``. Both judge the same bundle, signed on
a sandbox, with its trust configuration as a file. ``sigstore verify`` wants a bundle beside
each file; there the one bundle, which names every file, is linked to each.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import SIGSTORE, SLSA_GEN, in_turns, milliseconds, numbers, run, table
from scene import answer, make_files, repository, sandbox_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

#: More subjects than this are several statements, and then one bundle is not enough.
MOST_IN_ONE_STATEMENT = 1024


def main(count: int, rounds: int) -> None:
    """Sign, measure, and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = sandbox_variables(folder)
        rows = []
        for number in (1, count):
            commands = _commands(folder / str(number), number, variables)
            results = in_turns(commands, rounds, variables=variables)
            rows += [
                (
                    f"{number:,}",
                    program,
                    milliseconds(result.seconds),
                    f"{result.seconds * 1e6 / number:,.0f} us",
                    f"{result.peak_mib:.0f} MiB",
                )
                for program, result in results.items()
            ]
    print(table(("artifacts", "command", f"median of {rounds}", "for each", "peak"), rows))


def _commands(folder: Path, count: int, variables: Mapping[str, str]) -> dict[str, list[str]]:
    paths = make_files(folder / "files", count)
    bundle = folder / "bundle.intoto.jsonl"
    names = [str(path) for path in paths]
    run(
        [
            *(SLSA_GEN, "attest", "--quiet", "--sigstore", "sandbox"),
            *("--output", str(bundle), str(folder / "files" / "*")),
        ],
        variables=variables,
    )
    for path in paths:
        path.with_name(f"{path.name}.sigstore.json").hardlink_to(bundle)
    configuration = folder / "trust.json"
    configuration.write_text(answer([SLSA_GEN, "sandbox", "trust-config"], variables))
    ours = [SLSA_GEN, "verify", "--quiet", "--sigstore", "sandbox", "--offline"]
    ours += ["--repo", repository(variables)]
    theirs = [SIGSTORE, "--trust-config", str(configuration), "verify", "identity", "--offline"]
    theirs += _identity(bundle)
    return {
        "sigstore verify, a bundle beside each": [*theirs, *names],
        "slsa-gen verify, a bundle beside each": [*ours, *names],
        "slsa-gen verify --bundle": [*ours, "--bundle", str(bundle), *names],
    }


def _identity(bundle: Path) -> list[str]:
    """Return the options with which sigstore's command demands this bundle's signer."""
    envelope = json.loads(bundle.read_bytes())["dsseEnvelope"]
    predicate = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
    signer = predicate["runDetails"]["builder"]["id"]
    issuer = "https://token.sandbox.slsa-gen.invalid"
    return ["--cert-identity", signer, "--cert-oidc-issuer", issuer]


if __name__ == "__main__":
    count, rounds = numbers(1_000, 5)
    if count > MOST_IN_ONE_STATEMENT:
        raise SystemExit(f"at most {MOST_IN_ONE_STATEMENT} artifacts fit one bundle")
    main(count, rounds)
