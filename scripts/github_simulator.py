"""GitHub's releases on this machine, to try an upload with nothing outside.

``serve`` answers as GitHub's API does (``tests/support/github_api.py``) until it is ended, and
writes the variables that lead there into a file, to be read by a shell. The other commands do
what a maintainer does to a release by hand, through the same API::

    python scripts/github_simulator.py serve github.env octo-org/octo-repo &
    . ./github.env
    python scripts/github_simulator.py create v1.0.0 dist/* --draft
    slsa-gen attest --sigstore sandbox --upload-assets --upload-tag-name v1.0.0 dist/*
    python scripts/github_simulator.py view v1.0.0
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from slsa_gen import environment  # noqa: E402 (after the path is set)
from tests.support.github_api import GitHubSimulator  # noqa: E402 (as before)

_SECONDS = 30


class Releases:
    """The releases of a repository, as a maintainer sees them.

    Args:
        variables: GITHUB_API_URL, GITHUB_TOKEN and GITHUB_REPOSITORY.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        repository = variables["GITHUB_REPOSITORY"]
        self._base = f"{variables['GITHUB_API_URL']}/repos/{repository}/releases"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {variables['GITHUB_TOKEN']}"

    def create(self, tag: str, files: list[Path], *, draft: bool) -> None:
        """Make a release with these files on it."""
        body = {"tag_name": tag, "name": tag, "draft": True}
        release = self._ask("POST", "", json=body)
        for file in files:
            self._ask(
                "POST",
                f"/{release['id']}/assets?name={quote(file.name)}",
                data=file.read_bytes(),
                headers={"Content-Type": "application/octet-stream"},
            )
        if not draft:
            self.publish(tag)
        self.view(tag)

    def view(self, tag: str) -> None:
        """Show a release and what lies on it."""
        release = self._find(tag)
        state = "draft" if release["draft"] else "published"
        if release["immutable"]:
            state += ", immutable"
        print(f"{tag}  {state}  {release['html_url']}")
        for asset in release["assets"]:
            print(f"  {asset['digest']}  {asset['size']:>8}  {asset['name']}")

    def download(self, tag: str, folder: Path) -> None:
        """Fetch everything that lies on a release."""
        folder.mkdir(parents=True, exist_ok=True)
        for asset in self._find(tag)["assets"]:
            accept = {"Accept": "application/octet-stream"}
            path = f"/assets/{asset['id']}"
            answer = self._session.get(self._base + path, headers=accept, timeout=_SECONDS)
            answer.raise_for_status()
            (folder / asset["name"]).write_bytes(answer.content)
            print(f"{folder / asset['name']}")

    def publish(self, tag: str) -> None:
        """Make a draft a release."""
        self._ask("PATCH", f"/{self._find(tag)['id']}", json={"draft": False})

    def _find(self, tag: str) -> dict[str, Any]:
        for release in self._ask("GET", "?per_page=100"):
            if release["tag_name"] == tag:
                return dict(release)
        raise LookupError(f"there is no release {tag}")

    def _ask(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 (JSON, and requests' own)
        answer = self._session.request(method, self._base + path, timeout=_SECONDS, **more)
        if not answer.ok:
            raise LookupError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


def main(arguments: list[str]) -> int:
    """Do one command; return the exit code."""
    args = _parser().parse_args(arguments)
    if args.command == "serve":
        return serve(args.variables, args.repository)
    releases = Releases(environment.variables())
    try:
        if args.command == "create":
            releases.create(args.tag, args.files, draft=args.draft)
        elif args.command == "download":
            releases.download(args.tag, args.folder)
        else:
            if args.command == "publish":
                releases.publish(args.tag)
            releases.view(args.tag)
    except LookupError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def serve(variables: Path, repository: str) -> int:
    """Serve until the process is told to end."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with GitHubSimulator(repository, immutable=True) as simulator:
        values = {**simulator.variables, "GITHUB_REPOSITORY": repository}
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in values.items()]
        # Whole at once, and for nobody else: one of them is a token.
        made = variables.with_name(variables.name + ".new")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(lines)
        made.replace(variables)
        ended.wait()
    variables.unlink(missing_ok=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="answer as GitHub does, until ended")
    serving.add_argument("variables", type=Path, help="the file for the variables")
    serving.add_argument("repository", help="OWNER/NAME")
    for name, what in {
        "create": "make a release",
        "view": "show a release",
        "download": "fetch what lies on a release",
        "publish": "make a draft a release",
    }.items():
        command = commands.add_parser(name, help=what)
        command.add_argument("tag")
        if name == "create":
            command.add_argument("--draft", action="store_true")
            command.add_argument("files", nargs="*", type=Path)
        if name == "download":
            command.add_argument("folder", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
