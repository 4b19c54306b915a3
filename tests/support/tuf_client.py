"""The command line in a process of its own, with a TUF repository of a test's own.

``python -m tests.support.tuf_client FILE ARG…``: the file describes the repository that the
name ``own`` stands for, as :func:`described` writes it; the arguments are slsa-gen's.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import environment
from slsa_gen.cli.main import main
from slsa_gen.model.instance import InstanceKind
from slsa_gen.trust.known import Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

_BYTES: Final = ("root", "trusted_root", "signing_config")


def described(repository: Repository) -> str:
    """Return a repository as text."""
    fields = {n: base64.b64encode(getattr(repository, n)).decode() for n in _BYTES}
    dated = repository.dated.isoformat()
    kind = repository.kind.value
    return json.dumps(
        {
            "name": repository.name,
            "kind": kind,
            "url": repository.url,
            "dated": dated,
            "version": repository.version,
            **fields,
        }
    )


def read(text: str) -> Repository:
    """Return the repository that a text describes."""
    document = json.loads(text)
    return Repository(
        name=document["name"],
        kind=InstanceKind(document["kind"]),
        url=document["url"],
        dated=datetime.fromisoformat(document["dated"]),
        version=document["version"],
        **{name: base64.b64decode(document[name]) for name in _BYTES},
    )


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    known = read(Path(arguments[0]).read_text(encoding="utf-8"))
    return main(
        arguments[1:],
        variables=environment.variables(),
        repository_of=lambda name: known if name == "own" else None,
    )


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
