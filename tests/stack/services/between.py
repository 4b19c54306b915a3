"""A run whose services are all asked through proxies."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from tests.stack.services import proxy
from tests.stack.services.issuer_server import DOCUMENTS
from tests.stack.services.processes import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.conftest import Outcome
    from tests.stack.services.door import Door
    from tests.stack.services.runs import Run

#: Seconds that a command has for all its tries, unless said: the process that signs must have
#: started in them too, where every core is busy.
BUDGET: Final = 5.0
#: The services, by the name of their port; the log and the timestamps depend on the log.
SERVICES: Final = ("token", "fulcio", "log", "timestamp-authority")
#: The issuer's documents, which are asked before any of them but the first.
ISSUER: Final = tuple(DOCUMENTS)


class Between:
    """A proxy in front of each service that a run asks.

    Attributes:
        proxies: By the names of ``SERVICES``.
        documents: The doors of the issuer's documents, by the names of ``ISSUER``.
        config: The configuration that leads to them.
    """

    def __init__(self, run: Run, stack: ExitStack) -> None:
        self._run = run
        names = services(run.log)
        self.documents = stack.enter_context(run.stack.issuer_server.doors_of_documents())
        ports = {**run.stack.ports, "log": run.stack.ports[f"rekor-v{run.log}"]}
        self.proxies = {name: stack.enter_context(proxy.before(ports[name])) for name in names}
        urls = {name: f"http://{HOST}:{ports[name]}" for name in names}
        text = run.documents.client_config.read_text()
        root, config = json.loads(text)["trustedRoot"], json.loads(text)["signingConfig"]
        written = json.dumps(config)
        for name in names:
            written = written.replace(urls[name], self.proxies[name].url)
        document = {**json.loads(text), "trustedRoot": root, "signingConfig": json.loads(written)}
        self.config: Path = run.cli.write("config.json", json.dumps(document))
        variable = "ACTIONS_ID_TOKEN_REQUEST_URL"
        run.cli.variables[variable] = run.cli.variables[variable].replace(
            urls["token"], self.proxies["token"].url
        )

    def door(self, name: str) -> Door:
        """Return where the requests for a service, or for a document of the issuer, come in."""
        return {**self.documents, **self.proxies}[name]

    def attest(self, *options: str, budget: float = BUDGET) -> tuple[Outcome, float]:
        """Attest ``app``; return what came of it, and the seconds that it took."""
        began = time.monotonic()
        outcome = self._run.cli(
            *("attest", "--sigstore", str(self.config), "--retry-budget", str(budget)),
            *("app", *options),
        )
        return outcome, time.monotonic() - began


@contextmanager
def between(run: Run) -> Iterator[Between]:
    """Put the proxies in front of a run's services, and make the file that is attested."""
    run.cli.write("app")
    with ExitStack() as stack:
        yield Between(run, stack)


def services(log: int) -> tuple[str, ...]:
    """Return the services that a run asks, by the log's version: 1 needs no timestamps."""
    return SERVICES if log > 1 else SERVICES[:3]
