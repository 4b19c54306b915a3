"""A person signs in at a real OpenID provider that a real Fulcio trusts, and signs."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from cryptography import x509

from slsa_gen.clock import SystemClock
from slsa_gen.http import HttpClient
from slsa_gen.identity import device
from slsa_gen.identity.provider import discover
from slsa_gen.identity.surroundings import Surroundings
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.retry import Budget, Retrier
from slsa_gen.sandbox.certificates import FULCIO_ARC, utf8_string
from tests.stack.container import engine
from tests.stack.services.browse import Person, browser
from tests.stack.services.clients import CLIENTS
from tests.stack.services.people import EMAIL
from tests.stack.services.runs import BUNDLE

if TYPE_CHECKING:
    from tests.stack.services.clients import Clients
    from tests.stack.services.people import SignIn
    from tests.stack.services.runs import Workspace
    from tests.stack.services.stack import Stack

pytestmark = pytest.mark.network

TYPE: Final = "https://example.org/review/v1"
_PREDICATE: Final = ("--predicate", '{"reviewed": true}', "--predicate-type", TYPE)
_CODE: Final = re.compile(
    r"(https://\S+)\s+and type this code.*?\n\s+([A-Z]{4}-[A-Z]{4})", re.DOTALL
)
_SECONDS: Final = 60


def _signs(person: Workspace) -> tuple[str, ...]:
    return ("attest", "app", "--sigstore", person.sigstore, "--identity", "interactive")


def _accepted_by_all(person: Workspace, clients: Clients) -> None:
    question = person.question("app", TYPE)
    assert clients.refusals(question) == {}
    other = replace(question, identity="eve@example.org")
    assert set(clients.refusals(other)) == set(CLIENTS)


def test_a_person_signs_in_with_a_browser(
    person: Workspace, stack: Stack, clients: Clients
) -> None:
    """Everybody accepts the bundle for the address, and the command that is shown works."""
    person.cli.variables["BROWSER"] = browser(stack.ca_bundle, "--login", EMAIL)

    done = person.cli(*_signs(person), "--output", BUNDLE, *_PREDICATE)

    assert done.code == 0, done.err
    assert f"signer:  {EMAIL}" in done.out
    _accepted_by_all(person, clients)
    (shown,) = (line.strip() for line in done.out.splitlines() if "slsa-gen verify" in line)
    verified = person.cli(*shlex.split(shown)[1:])
    assert verified.code == 0, verified.out
    again = person.cli(*_signs(person), "--output", BUNDLE, *_PREDICATE)
    assert "already attested" in again.out
    assert again.code == 0


def test_a_person_signs_in_with_a_code_where_there_is_no_browser(
    person: Workspace, stack: Stack, clients: Clients
) -> None:
    """It is shown on the terminal, and typed elsewhere."""
    arguments = [*_signs(person), "--output", BUNDLE, *_PREDICATE]
    code, said = _in_a_terminal(
        [sys.executable, "-m", "slsa_gen", *arguments], person, Person(str(stack.ca_bundle), EMAIL)
    )

    assert code == 0, said
    _accepted_by_all(person, clients)


def _in_a_terminal(command: list[str], person: Workspace, somebody: Person) -> tuple[int, str]:
    """Run a command whose errors go to a terminal, and type the code that it shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=person.cli.folder,
        env={**person.cli.variables, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    said = _read_and_typed(master, somebody)
    os.close(master)
    with process:
        out, _ = process.communicate(timeout=_SECONDS)
    return process.returncode, said + out.decode()


def _read_and_typed(terminal: int, somebody: Person) -> str:
    """Read a terminal to its end, type the code that it shows, and return what it said."""
    said, typed = "", False
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the terminal's other end is closed
            return said
        if not more:
            return said
        said += more.decode().replace("\r\n", "\n")
        found = _CODE.search(said)
        if found is not None and not typed:
            typed = True
            somebody.sign_in(found[1], found[2])


def test_a_person_signs_in_from_a_container(
    person: Workspace, stack: Stack, clients: Clients
) -> None:
    """There is no browser in it: a code is shown on its terminal. Without one it is refused."""
    if not engine.IMAGE:
        pytest.skip(engine.ABSENT)
    inside, ca = "/project", "/ca.pem"
    config = person.cli.write("config.json", Path(person.sigstore).read_bytes())
    mounts = (f"{person.cli.folder}:{inside}", f"{stack.ca_bundle}:{ca}:ro")
    command = [
        *(engine.DOCKER, "run", "--rm", "--network", "host", "--workdir", inside),
        *(part for mount in mounts for part in ("--volume", mount)),
        *("--env", f"REQUESTS_CA_BUNDLE={ca}", "--env", f"SSL_CERT_FILE={ca}"),
    ]
    signs = ["attest", "app", "--sigstore", config.name, "--identity", "interactive"]
    arguments = [engine.IMAGE, *signs, "--output", BUNDLE, *_PREDICATE]

    refused = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True)
    with subprocess.Popen([*command, "--tty", *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = _read_and_typed(process.stdout.fileno(), Person(str(stack.ca_bundle), EMAIL))

    assert (refused.returncode, "docker run -it" in refused.stderr) == (3, True)
    assert process.returncode == 0, said
    _accepted_by_all(person, clients)


def test_a_token_that_was_fetched_elsewhere_does_as_well(
    person: Workspace, stack: Stack, sign_in: SignIn, clients: Clients
) -> None:
    """Its issuer is one that the configuration names; provenance is refused with it too."""
    person.cli.write("token", _fetched(stack, sign_in))
    given = ("attest", "app", "--sigstore", person.sigstore, "--identity-token-file", "token")

    refused = person.cli(*given)
    done = person.cli(*given, "--output", BUNDLE, *_PREDICATE)

    assert (refused.code, refused.reason) == (2, "identity.provenance")
    assert done.code == 0, done.err
    _accepted_by_all(person, clients)


def _fetched(stack: Stack, sign_in: SignIn) -> str:
    """Sign in by another way than the command's, and return the token."""
    clock, limits = SystemClock(), DEFAULT_LIMITS
    budget = Budget(60.0, clock)
    http = HttpClient(
        Retrier(budget, clock, limits), limits, {"REQUESTS_CA_BUNDLE": str(stack.ca_bundle)}
    )
    somebody = Person(str(stack.ca_bundle), EMAIL)

    def read(text: str) -> None:
        address, code = re.findall(r"^    (\S+)$", text, re.MULTILINE)
        somebody.sign_in(address, code)

    around = Surroundings(http, clock, limits, budget, read)
    provider = discover(sign_in.issuer, http, limits)
    assert provider is not None
    return str(device.sign_in(provider, around)["id_token"])


def test_the_certificate_says_who_vouches_for_the_address_and_nothing_of_a_run(
    person: Workspace, stack: Stack, sign_in: SignIn
) -> None:
    """Extension by extension, as this Fulcio writes them."""
    person.cli.variables["BROWSER"] = browser(stack.ca_bundle, "--login", EMAIL)
    assert person.cli(*_signs(person), "--output", BUNDLE, *_PREDICATE).code == 0

    material = json.loads(person.bundle.read_bytes())["verificationMaterial"]
    leaf = x509.load_der_x509_certificate(base64.b64decode(material["certificate"]["rawBytes"]))

    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert list(names.value) == [x509.RFC822Name(EMAIL)]
    found = {
        e.oid.dotted_string.removeprefix(FULCIO_ARC): e.value.value
        for e in leaf.extensions
        if e.oid.dotted_string.startswith(FULCIO_ARC)
        and isinstance(e.value, x509.UnrecognizedExtension)
    }
    issuer = sign_in.issuer
    assert found.pop(".1") == issuer.encode()
    assert found.pop(".8") == utf8_string(issuer)
    # The token's subject (.24) is written where this Fulcio is new enough to.
    assert set(found) <= {".24"}


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
@pytest.mark.parametrize(
    ("arguments", "reason", "words"),
    [
        (("--login", EMAIL, "--refuses"), "identity.denied", "access_denied"),
        (("--login", "unverified@example.org"), "identity.email", "has not verified"),
        (("--login", "ada"), "identity.email", "'ada'"),
    ],
    ids=["refused", "unverified", "no address"],
)
def test_nothing_is_signed_for_who_is_nobody(
    person: Workspace, stack: Stack, arguments: tuple[str, ...], reason: str, words: str
) -> None:
    """The provider's own answers, as a user reads them."""
    person.cli.variables["BROWSER"] = browser(stack.ca_bundle, *arguments)

    done = person.cli(*_signs(person), *_PREDICATE)

    assert (done.code, done.reason) == (3, reason)
    assert words in done.err
    assert not list(person.cli.folder.glob("*.jsonl"))


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
def test_provenance_is_refused_before_a_browser_opens(person: Workspace) -> None:
    """The browser would write a file; it never runs."""
    person.cli.variables["BROWSER"] = f"touch {person.cli.folder}/opened %s"

    done = person.cli(*_signs(person))

    assert (done.code, done.reason) == (2, "identity.provenance")
    assert not (person.cli.folder / "opened").exists()


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
def test_a_provider_that_is_down_is_said_to_be(person: Workspace, sign_in: SignIn) -> None:
    """Within the time that is given."""
    person.cli.variables["BROWSER"] = "false %s"
    sign_in.process.halt()
    try:
        done = person.cli(*_signs(person), *_PREDICATE, "--retry-budget", "2")
    finally:
        sign_in.process.go_on()

    assert (done.code, done.reason) == (3, "service.unreachable")
    assert "the identity provider's configuration" in done.err
