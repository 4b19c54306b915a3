"""Where ``attest`` publishes besides the file, from its options and the verified token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slsa_gen.errors import PermissionMissingError, UsageError
from slsa_gen.github.api import GitHubApi
from slsa_gen.github.hosts import api_hosts, on_loopback
from slsa_gen.github.release_failures import ENVIRONMENT_HINT, PERMISSION_HINT
from slsa_gen.github.releases import Releases
from slsa_gen.model.identity import Person
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.publish.asset_name import asset_name
from slsa_gen.publish.release import ReleaseTarget
from slsa_gen.publish.release_tag import tag_of
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from slsa_gen.cli.console import Console
    from slsa_gen.http import HttpClient
    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """A release that the bundle goes to: the tag, and who answers for it."""

    tag: str
    api: GitHubApi

    def target(self, file: Path, console: Console, limits: Limits) -> ReleaseTarget:
        """Return the target for a bundle file; tell when its asset is called otherwise."""
        name = asset_name(file.name)
        if name != file.name:
            console.note(
                f"on the release the bundle is called {name!r}: GitHub takes no asset of the "
                f"name {file.name!r}"
            )
        return ReleaseTarget(
            Releases(self.api), tag=self.tag, asset=name, file=str(file), limits=limits
        )


def check_options(args: argparse.Namespace) -> None:
    """Refuse an option that has no effect, before anything is asked or hashed.

    Raises:
        UsageError: a tag is named, and nothing is to be uploaded.
    """
    if args.upload_tag_name is not None and not args.upload_assets:
        raise UsageError(
            "--upload-tag-name names a release, but nothing is to be uploaded",
            hint="Add --upload-assets, or leave --upload-tag-name out.",
            reason=Reason.USAGE_OPTION,
        )


def release_plan(
    args: argparse.Namespace,
    context: BuildContext | Person,
    console: Console,
    http: HttpClient,
    limits: Limits,
) -> ReleasePlan | None:
    """Return the release that is asked for, None when none is; nothing is sent yet.

    Repository, server and ref are those of the verified token, never GITHUB_REPOSITORY's.

    Raises:
        UsageError: there is no tag, a person signs, or a sandbox's bundle would leave this machine.
        ContextError: GITHUB_API_URL is not the API of the run's server.
        PermissionMissingError: there is no GITHUB_TOKEN.
    """
    if not args.upload_assets:
        return None
    if isinstance(context, Person):
        raise UsageError(
            "--upload-assets adds to the release of the run's repository, and a person signs",
            hint="Leave --upload-assets out, and add the bundle yourself: gh release upload TAG "
            "BUNDLE",
            reason=Reason.USAGE_OPTION,
        )
    tag = tag_of(context.source_repository_ref, args.upload_tag_name)
    parts = urlsplit(context.source_repository_uri)
    server, repository = f"{parts.scheme}://{parts.netloc}", parts.path.strip("/")
    api_url = console.environment.get("GITHUB_API_URL", "")
    if context.issuer == SANDBOX_ISSUER and not on_loopback(api_url):
        raise UsageError(
            "the sandbox's bundles prove nothing to anyone else, so they go to no release of "
            "GitHub's: --upload-assets was given, and GITHUB_API_URL does not lead to this machine",
            hint="Try it with a simulator of GitHub's API on 127.0.0.1 and its address in "
            "GITHUB_API_URL; or leave --upload-assets out.",
            reason=Reason.RELEASE_SANDBOX,
        )
    hosts = api_hosts(server, api_url)
    token = console.environment.get("GITHUB_TOKEN", "").strip()
    if not token:
        raise PermissionMissingError(
            "--upload-assets needs a token for the release, and GITHUB_TOKEN is not set",
            hint=f"{ENVIRONMENT_HINT}\n\n{PERMISSION_HINT}",
            reason=Reason.RELEASE_TOKEN,
        )
    api = GitHubApi(http, hosts, token, repository, limits, console.clock)
    return ReleasePlan(tag, api)
