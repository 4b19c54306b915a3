"""The commands of the manual's page on a Sigstore of one's own are those that the suite runs."""

from __future__ import annotations

import re
import shlex
import sys
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final

import pytest
import yaml

from tests.stack.runner.test_workflow_services import STEPS, WORKFLOW
from tests.stack.services import servers as servers_module
from tests.stack.services import trust
from tests.stack.services.builds import Pins, binary
from tests.stack.services.clients import Clients, Question
from tests.stack.services.processes import StartError
from tests.stack.services.servers import PORTS, Servers
from tests.stack.services.signers import Signers
from tests.stack.services.table import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Writes down how it was called, and answers as createtree does; in the place of every program.
_PROGRAM: Final = """\
#!/bin/sh
echo 1
printf "%s " "$@" >"$0.$$.part"
mv "$0.$$.part" "$0.$$.args"
"""
_SECONDS: Final = 10.0

Command = tuple[str, frozenset[str]]


class Programs:
    """A folder of programs that only write down their arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "programs"
        self.folder.mkdir()

    def __call__(self, name: str) -> Path:
        """Return the one that stands for a program of ``pins.toml``."""
        return self.named(binary(Pins.read().programs[name]))

    def named(self, name: str) -> Path:
        """Return the one of this name."""
        path = self.folder / name
        path.write_text(_PROGRAM)
        path.chmod(0o755)
        return path

    def called(self, count: int) -> set[Command]:
        """Return how they were called, once they were so often."""
        end = time.monotonic() + _SECONDS
        while len(found := list(self.folder.glob("*.args"))) < count:
            assert time.monotonic() < end, found
            time.sleep(0.02)
        words = {path: path.read_text().split() for path in found}
        return {_command([path.name.partition(".")[0], *words[path]]) for path in found}


def _command(words: list[str]) -> Command:
    """Return a program with its options, without their values."""
    return words[0], frozenset(word.partition("=")[0] for word in words if word.startswith("--"))


def _shown(*programs: str) -> set[Command]:
    """Return the commands that the page shows of some programs."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    shown = "".join(text for language, text in blocks if not language)
    lines = shown.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line) for line in lines if line.partition(" ")[0] in programs]
    assert commands
    return {_command(words) for words in commands}


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """Return the programs."""
    return Programs(tmp_path)


def test_each_service_is_started_as_the_page_says(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every option of every service, and no service is left out."""
    monkeypatch.setattr(servers_module, "answers", lambda *_: lambda: False)
    with ExitStack() as stack:
        servers = Servers(stack, tmp_path, dict.fromkeys(PORTS, 1), programs)
        certificate = tmp_path / "ca.pem"
        certificate.write_text("a certificate")
        starts: list[Callable[[], object]] = [
            lambda: servers.trillian("postgresql://user@127.0.0.1/trillian"),
            lambda: servers.certificate_log(tmp_path, tmp_path),
            lambda: servers.fulcio((tmp_path, tmp_path), tmp_path, "https://i", certificate),
            lambda: servers.rekor_v1(tmp_path),
            lambda: servers.rekor_v2(tmp_path),
            lambda: servers.timestamp_authority(tmp_path, tmp_path),
        ]
        for start in starts:
            with suppress(StartError):  # it has ended already, and answers nobody
                start()
        used = programs.called(9)

    assert used == _shown(*{name for name, _ in used})


def test_the_trust_documents_are_made_as_the_page_says(tmp_path: Path, programs: Programs) -> None:
    """With version 2 of the log, which needs everything."""
    service = trust.Service("http://127.0.0.1", tmp_path, "2026-01-01T00:00:00Z")
    services = trust.Services(service, service, service, "https://token.example.org")
    with suppress(FileNotFoundError):  # what was not made cannot be put together
        trust.write(programs("cosign"), tmp_path, services, service, 2, origin="127.0.0.1")

    used = programs.called(2)

    shown = {command for command in _shown("cosign") if "--out" in command[1]}
    assert used == shown


def test_other_clients_are_called_as_the_page_says(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To verify and to sign, cosign and sigstore-python alike."""
    monkeypatch.setattr(sys, "executable", str(programs.named("sigstore")))
    documents = trust.Documents(tmp_path, tmp_path, tmp_path)
    question = Question(tmp_path, tmp_path, "identity", "issuer", "type", documents)
    clients = Clients(programs, tmp_path)
    clients.cosign(question)
    clients.sigstore_python(question)
    signers = Signers(programs, {"PATH": "/usr/bin:/bin"}, documents, tmp_path)
    signers.cosign(predicate=tmp_path, predicate_type="type", artifact=tmp_path)
    signers.sigstore_python(predicate=tmp_path, predicate_type="type", artifact=tmp_path)

    used = programs.called(4)

    shown = _shown("cosign", "sigstore")
    assert used == {command for command in shown if "--out" not in command[1]}


def test_a_workflow_names_the_ca_as_the_page_says() -> None:
    """As a variable of the workflow, and a file beside the configuration."""
    page = PAGE.read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(env:.*?)```", page, re.DOTALL)
    shown = yaml.safe_load(text)
    run = yaml.safe_load(WORKFLOW + STEPS)["jobs"]["release"]

    assert shown["env"] == run["env"]
    (step,) = shown["steps"]
    used = next(step for step in run["steps"] if step.get("uses") == "./")
    assert set(step["with"]) <= set(used["with"])
    assert step["uses"].startswith("OWNER/slsa-gen@")
