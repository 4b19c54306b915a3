"""Names of owners, repositories and workflows, as people write them and as GitHub compares.

GitHub tells owners and repositories apart without regard to the case of ASCII letters.
Everything else (hosts, paths, refs, digests) is compared exactly, and always in full: a
pattern that matches a part would let a longer name through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_OWNER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?")
_REPOSITORY: Final = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}")
_REF: Final = r"refs/[^\s]+|[0-9a-f]{40}|[0-9a-f]{64}"
#: What may follow a workflow's path in a certificate: a full ref, or a commit.
_AT_REF: Final = re.compile(rf"@(?:{_REF})")
_WORKFLOW: Final = re.compile(rf"(?P<path>.+?\.ya?ml)(?:@(?P<ref>{_REF}))?")


class NameSyntaxError(ValueError):
    """A text is not a name of the kind that was expected; the message says why."""


def same(one: str, other: str) -> bool:
    """Tell whether two names of owners or repositories are the same to GitHub."""
    if one == other:
        return True
    return one.isascii() and other.isascii() and one.lower() == other.lower()


def parse_owner(text: str) -> str:
    """Return the name of an owner.

    Raises:
        NameSyntaxError: it cannot be one.
    """
    if not _OWNER.fullmatch(text):
        raise NameSyntaxError(f"an owner is written OWNER, got {text[:100]!r}")
    return text


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """``OWNER/REPOSITORY``."""

    owner: str
    repository: str

    @classmethod
    def parse(cls, text: str, server: str) -> RepositoryName:
        """Read ``[HOST/]OWNER/REPOSITORY``; the host must be the server's.

        Raises:
            NameSyntaxError: it is not that.
        """
        parts = _without_host(text, server).split("/")
        if len(parts) != 2 or not _is_repository(parts):  # noqa: PLR2004 (owner and repository)
            raise NameSyntaxError(f"a repository is written OWNER/REPO, got {text[:200]!r}")
        return cls(*parts)

    def is_named_by(self, uri: str, server: str) -> bool:
        """Tell whether a URI is this repository's on that server, and no more."""
        split = split_uri(uri, server)
        return split is not None and not split[2] and self._is(split)

    def holds(self, uri: str, server: str) -> bool:
        """Tell whether a workflow's URI lies in this repository."""
        split = split_uri(uri, server)
        return split is not None and bool(split[2]) and self._is(split)

    def _is(self, split: tuple[str, str, str]) -> bool:
        return same(split[0], self.owner) and same(split[1], self.repository)

    def __str__(self) -> str:
        return f"{self.owner}/{self.repository}"


@dataclass(frozen=True, slots=True)
class WorkflowName:
    """``OWNER/REPOSITORY/PATH[@REF]``; without a ref, the workflow at any ref."""

    repository: RepositoryName
    path: str
    ref: str | None

    @classmethod
    def parse(cls, text: str, server: str) -> WorkflowName:
        """Read ``[HOST/]OWNER/REPOSITORY/PATH[@REF]``; the host must be the server's.

        Raises:
            NameSyntaxError: it is not that.
        """
        owner, _, rest = _without_host(text, server).partition("/")
        repository, _, file = rest.partition("/")
        match = _WORKFLOW.fullmatch(file)
        if not _is_repository([owner, repository]) or match is None:
            raise NameSyntaxError(
                "a workflow is written OWNER/REPO/PATH.yml or OWNER/REPO/PATH.yml@REF (REF a "
                f"full ref such as refs/tags/v1, or a commit), got {text[:200]!r}"
            )
        return cls(RepositoryName(owner, repository), match["path"], match["ref"])

    def is_named_by(self, uri: str, server: str) -> bool:
        """Tell whether a certificate's URI is this workflow, at its ref if it has one.

        A file's name cannot pass for another's with a ref: the files that GitHub runs lie in
        one folder, so what follows the path holds no ``/`` unless it is a ref.
        """
        if not self.repository.holds(uri, server):
            return False
        _, _, file = split_uri(uri, server) or ("", "", "")
        if self.ref is not None:
            return file == f"{self.path}@{self.ref}"
        return file.startswith(self.path) and bool(_AT_REF.fullmatch(file[len(self.path) :]))

    def __str__(self) -> str:
        at = f"@{self.ref}" if self.ref else ""
        return f"{self.repository}/{self.path}{at}"


def split_uri(uri: str, server: str) -> tuple[str, str, str] | None:
    """Return owner, repository and the rest of a URI on a server, or None for another URI.

    The rest is empty for the repository itself; ``SERVER/o/r/`` is no URI of it.
    """
    prefix = f"{server}/"
    if not uri.startswith(prefix):
        return None
    owner, slash, tail = uri[len(prefix) :].partition("/")
    repository, more, rest = tail.partition("/")
    if not slash or not _is_repository([owner, repository]) or bool(more) != bool(rest):
        return None
    return owner, repository, rest


def owner_of_uri(uri: str, server: str) -> str | None:
    """Return the owner of ``SERVER/OWNER``, or None for another URI."""
    prefix = f"{server}/"
    owner = uri[len(prefix) :]
    return owner if uri.startswith(prefix) and _OWNER.fullmatch(owner) else None


def _without_host(text: str, server: str) -> str:
    host, slash, rest = text.partition("/")
    if not slash or "." not in host:  # an owner's name holds no dot
        return text
    expected = server.removeprefix("https://")
    if host != expected:
        raise NameSyntaxError(f"the host must be {expected} (or left out), got {text[:200]!r}")
    return rest


def _is_repository(parts: list[str]) -> bool:
    return bool(_OWNER.fullmatch(parts[0]) and _REPOSITORY.fullmatch(parts[1]))
