"""What is said when GitHub refuses something about a release, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.errors import PermissionMissingError, PublishError
from slsa_gen.github import api_answers
from slsa_gen.http_failures import shown_target, status_line
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.errors import SlsaGenError
    from slsa_gen.http import StatusError
    from slsa_gen.http_failures import RedirectError

_UNAUTHORIZED: Final = 401
_NOT_FOUND: Final = 404
_TIMED_OUT: Final = 408
_CONFLICT: Final = 409
_TOO_LARGE: Final = 413
_SERVER_ERROR: Final = 500

PERMISSION_HINT: Final = """\
Give the job the permission, in its workflow (and in each workflow that calls it):

    permissions:
      id-token: write
      contents: write

A run for a pull request from a fork never gets it."""

ENVIRONMENT_HINT: Final = """\
Hand the run's own token in:

    env:
      GITHUB_TOKEN: ${{ github.token }}

It ends with the job, and must be one of this repository."""


def told(error: StatusError, what: str, repository: str) -> SlsaGenError:
    """Return the error for an answer that says no.

    Args:
        error: The answer.
        what: What was asked, as "the upload of …".
        repository: ``owner/name``.
    """
    if error.status == _TIMED_OUT or error.status >= _SERVER_ERROR:
        return error  # it says already how often and how long it was tried
    said = api_answers.message(error)
    answered = f"GitHub answered {what} with {status_line(error.status)}" + (
        f" ({said!r})" if said else ""
    )
    if error.status == _UNAUTHORIZED:
        return PermissionMissingError(
            f"{answered}: it does not accept the token in GITHUB_TOKEN",
            hint=ENVIRONMENT_HINT,
            reason=Reason.RELEASE_TOKEN,
        )
    if api_answers.is_permission(error):
        return PermissionMissingError(
            f"{answered}: the token in GITHUB_TOKEN may not do that in {repository}",
            hint=PERMISSION_HINT,
            reason=Reason.RELEASE_PERMISSION,
        )
    return PublishError(
        f"{answered}{_entries(error)}", hint=_hint(error, repository), reason=_reason(error)
    )


def moved(error: RedirectError, repository: str) -> PublishError:
    """Return the error for a repository that is elsewhere now."""
    return PublishError(
        f"GitHub answered {status_line(error.status)} for the repository {repository}, which "
        f"the run's token names, and pointed to {shown_target(error.location, '')!r}, as for "
        "one that was renamed or transferred",
        hint="Run the workflow again: a new run's token names the repository as it is called now.",
        reason=Reason.RELEASE_MOVED,
    )


def _reason(error: StatusError) -> Reason:
    if error.status == _NOT_FOUND:
        return Reason.RELEASE_NOT_FOUND
    if api_answers.immutable(error):
        return Reason.RELEASE_IMMUTABLE
    return Reason.RELEASE_REFUSED


def _hint(error: StatusError, repository: str) -> str:
    if error.status == _NOT_FOUND:
        return (
            "The release or the asset is gone, or the token may not see it. Look: "
            f"gh release list --repo {repository}"
        )
    if api_answers.immutable(error):
        return IMMUTABLE
    if error.status == _CONFLICT:
        return "Somebody changed the release at the same time. Run the command again."
    if error.status == _TOO_LARGE:
        return "Attest fewer subjects in one call: the bundle is too large for GitHub."
    return "Read what GitHub says, mend it, and run the command again."


IMMUTABLE: Final = """\
Nothing can be added to an immutable release once it is published. For this one, leave \
--upload-assets out: the bundle file verifies wherever users get it from. For the next one, keep \
to this order: make a draft, attest, then publish:

    gh release create TAG --draft
    slsa-gen attest --upload-assets …
    gh release edit TAG --draft=false"""


def _entries(error: StatusError) -> str:
    """Return the entries of a 422: which field of what, and why."""
    said = []
    for entry in api_answers.details(error)[:3]:
        words = [str(entry[k]) for k in ("resource", "field", "code", "message") if k in entry]
        said.append(" ".join(words))
    from_github = "; ".join(said)
    return f": {from_github[:300]!r}" if said else ""
