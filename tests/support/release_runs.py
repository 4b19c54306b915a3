"""The first pipeline with a release as its target, against the GitHub simulator."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from slsa_gen.attest import attest, draft
from slsa_gen.errors import SlsaGenError
from slsa_gen.github.api import GitHubApi
from slsa_gen.github.hosts import ApiHosts
from slsa_gen.github.releases import Releases
from slsa_gen.http import HttpClient
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.interface import Targets
from slsa_gen.publish.release import ReleaseTarget
from slsa_gen.retry import Budget, Retrier
from tests.support.services import Services
from tests.support.values import CONTEXT, subject

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.model.attestation import AttestResult
    from slsa_gen.model.draft import Draft
    from tests.support.github_api import GitHubSimulator

TAG: Final = "v1.2.3"
NAME: Final = "app.tar.gz.intoto.jsonl"

#: Small where a test would otherwise send or wait for much.
LIMITS: Final = replace(
    DEFAULT_LIMITS, attempt_seconds=10.0, release_list_bytes=1024 * 1024, retry_budget_seconds=100.0
)


@dataclass(frozen=True)
class Ended:
    """How one call ended."""

    code: int
    result: AttestResult | None = None
    error: SlsaGenError | None = None

    @property
    def reasons(self) -> list[str]:
        """Return the reason codes of what failed."""
        if self.error is not None:
            return [self.error.reason.value]
        assert self.result is not None
        return [problem.reason.value for problem in self.result.problems]

    @property
    def text(self) -> str:
        """Return all that is said of what failed."""
        if self.error is not None:
            return f"{self.error.message}\n{self.error.hint}"
        assert self.result is not None
        return "\n".join(f"{p.message}\n{p.hint}" for p in self.result.problems)

    @property
    def outcomes(self) -> list[str]:
        """Return what became of each target."""
        assert self.result is not None
        return [publication.outcome.value for publication in self.result.publications]


@functools.cache
def draft_of(digit: str = "1") -> Draft:
    """Return a draft about one file."""
    predicate = GithubWorkflow().predicate(CONTEXT)
    return draft((subject(digit=digit),), CONTEXT, SLSA_PROVENANCE_V1, predicate, LIMITS)


@dataclass
class ReleaseRuns:
    """Calls the pipeline as often as a test wants, on one machine or on a fresh one."""

    folder: Path
    github: GitHubSimulator
    clock: Clock
    services: Services = field(default_factory=Services)
    limits: Limits = LIMITS
    plan: Draft = field(default_factory=draft_of)
    notices: list[str] = field(default_factory=list)
    token: str = ""

    @property
    def file(self) -> Path:
        """Return where the bundle file lies."""
        return self.folder / NAME

    def releases(self) -> Releases:
        """Return a client of the simulator with a budget of its own."""
        budget = Budget(self.limits.retry_budget_seconds, self.clock)
        retrier = Retrier(budget, self.clock, self.limits, lambda: 0.5, self.notices.append)
        http = HttpClient(retrier, self.limits)
        hosts = ApiHosts(self.github.url, self.github.url)
        token = self.token or self.github.token
        repository = self.github.repository.full_name
        return Releases(GitHubApi(http, hosts, token, repository, self.limits, self.clock))

    def target(self, *, tag: str = TAG, asset: str = NAME) -> ReleaseTarget:
        """Return the release as a target."""
        return ReleaseTarget(
            self.releases(), tag=tag, asset=asset, file=str(self.file), limits=self.limits
        )

    def attest(self) -> Ended:
        """Run the pipeline once."""
        file = FileTarget(self.file, overwrite=False, max_bytes=self.limits.bundle_file_bytes)
        targets = Targets(file, (self.target(),))
        services = self.services
        try:
            result = attest(self.plan, services, services, targets, services.read, self.limits)
        except SlsaGenError as error:
            return Ended(error.exit_code, error=error)
        return Ended(result.exit_code, result)

    def signed_before(self) -> bytes:
        """Return a bundle file of another machine that is this run's result."""
        return self.services.sign(self.plan.statements[0]).bundle + b"\n"
