"""What GitHub does beyond its own description of the API, and who says so.

The simulator's answers are held against GitHub's OpenAPI description. Where an answer is not
described there, it must be one of these; each has its source: a page of GitHub's manual, or
threads in which people quote what GitHub answered. ``guess`` marks what nobody wrote down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tests.support.github_api_calls import Call

_DOCS: Final = "https://docs.github.com/en/rest"
_LIMITS: Final = f"{_DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(frozen=True, slots=True)
class Beyond:
    """One thing that the description does not say.

    Args:
        name: What it is called here.
        what: What GitHub does.
        sources: Who says so; empty for a guess.
        status: The status of the answer; 0 when it is no refusal.
        text: A regular expression for the whole text of the refusal.
        calls: On which calls; all when empty.
    """

    name: str
    what: str
    sources: tuple[str, ...]
    status: int = 0
    text: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def guess(self) -> bool:
        """Tell whether nobody wrote it down."""
        return not self.sources

    def covers(self, call: Call, status: int, text: str) -> bool:
        """Tell whether it is such an answer."""
        here = not self.calls or call in self.calls
        return here and status == self.status != 0 and re.fullmatch(self.text, text) is not None


_UPLOAD: Final = (Call.UPLOAD,)

BEYOND: Final = (
    Beyond(
        "bad credentials",
        "a token that GitHub does not know is refused on every call, also where none is needed",
        (f"{_DOCS}/authentication/authenticating-to-the-rest-api",),
        401,
        "Bad credentials",
    ),
    Beyond(
        "no token",
        "a call that changes something needs a token",
        (f"{_DOCS}/authentication/authenticating-to-the-rest-api",),
        401,
        "Requires authentication",
    ),
    Beyond(
        "no permission",
        "a run's token without contents: write is refused with 403, also for a draft by its number",
        (
            "https://github.com/svenstaro/upload-release-action/issues/70",
            "https://github.com/taiki-e/create-gh-release-action/issues/13",
            "https://github.com/cacheplane/b4run/pull/548",
        ),
        403,
        "Resource not accessible by integration",
    ),
    Beyond(
        "not found",
        "what is not there, and what a token may not know of, is answered alike on every call",
        (f"{_DOCS}/using-the-rest-api/troubleshooting-the-rest-api",),
        404,
        "Not Found",
    ),
    Beyond(
        "primary limit",
        "an hour's requests are used up: 403 or 429, x-ratelimit-remaining is 0",
        (f"{_LIMITS}#exceeding-the-rate-limit",),
        403,
        r"API rate limit exceeded for installation ID \d+\.",
    ),
    Beyond(
        "redirect",
        "a renamed repository: 301, or 307 where the method must stay; the target has its number",
        (
            f"{_DOCS}/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects",
            "https://github.com/concourse/github-release-resource/issues/92",
        ),
        301,
        "Moved Permanently",
    ),
    Beyond(
        "redirect of a change",
        "as before, on calls that change something",
        (f"{_DOCS}/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects",),
        307,
        "Temporary Redirect",
    ),
    Beyond(
        "immutable upload",
        "a published release of a repository with immutable releases takes no assets; no errors[]",
        (
            "https://github.com/concourse/github-release-resource/issues/151",
            "https://github.com/softprops/action-gh-release/issues/653",
            "https://github.com/github/docs/issues/45718",
        ),
        422,
        r"Cannot upload assets to an immutable release\.",
        _UPLOAD,
    ),
    Beyond(
        "immutable asset",
        "… and none of its assets can be deleted",
        ("https://github.com/uutils/coreutils/issues/13839",),
        422,
        "Cannot delete asset from an immutable release",
        (Call.DELETE_ASSET,),
    ),
    Beyond(
        "immutable state",
        "… and it cannot be made a draft again; its title and notes may be changed",
        (
            "https://github.com/cameronrye/openzim-mcp/pull/215",
            "https://github.com/github/docs/pull/45730",
        ),
        422,
        "state cannot be changed when release is immutable",
        (Call.UPDATE_RELEASE,),
    ),
    Beyond(
        "immutable tag",
        "… and its tag is never free again, also when the release is deleted",
        ("https://github.com/github-community-projects/ospo-reusable-workflows/issues/83",),
        422,
        "tag_name was used by an immutable release",
        (Call.UPDATE_RELEASE,),
    ),
    Beyond(
        "asset exists",
        "a second asset of one name: errors[0] is ReleaseAsset, already_exists, name",
        (
            "https://github.com/ppy/osu-deploy/pull/191",
            "https://github.com/octokit/octokit.js/issues/721",
        ),
        422,
        "already_exists",
        _UPLOAD,
    ),
    Beyond(
        "release exists",
        "publishing a second release for one tag; several drafts may have the same",
        ("https://github.com/ncipollo/release-action/issues/175",),
        422,
        "already_exists",
        (Call.UPDATE_RELEASE,),
    ),
    Beyond(
        "asset count",
        "a release takes 1,000 assets: errors[0] is ReleaseAsset, custom, file_count",
        (
            "https://github.com/leeguooooo/AgentParty/issues/974",
            "https://github.com/osandov/drgn/issues/521",
        ),
        422,
        r"file_count limited to \d+ assets",
        _UPLOAD,
    ),
    Beyond(
        "asset size",
        "an asset has a byte at least, and 2 GiB at most: errors[0] is ReleaseAsset, custom, size",
        (
            "https://github.com/svenstaro/upload-release-action/issues/94",
            "https://github.com/bluerobotics/BlueOS/issues/3683",
        ),
        422,
        r"size must be (greater|less) than or equal to \d+",
        _UPLOAD,
    ),
    Beyond(
        "content length",
        "an upload says its length before it begins",
        (
            "https://github.com/denoland/deno/issues/24197",
            "https://github.com/skx/github-action-publish-binaries/issues/19",
        ),
        400,
        "Bad Content-Length: ",
        _UPLOAD,
    ),
    Beyond("asset without a name", "an upload without a name", (), 422, "missing_field", _UPLOAD),
    Beyond(
        "bad JSON",
        "a body that is no JSON object",
        (f"{_DOCS}/using-the-rest-api/troubleshooting-the-rest-api",),
        400,
        "Problems parsing JSON|Body should be a JSON object",
        (Call.CREATE_RELEASE, Call.UPDATE_RELEASE),
    ),
    Beyond(
        "request id",
        "the upload host's refusals have a request_id and no status",
        (
            "https://github.com/ppy/osu-deploy/pull/191",
            "https://github.com/concourse/github-release-resource/issues/151",
        ),
    ),
    Beyond(
        "starter",
        "an upload that failed leaves an empty asset in the state starter, which has its name",
        (
            f"{_DOCS}/releases/assets#upload-a-release-asset",
            "https://github.com/damianvtran/local-operator-ui/pull/322",
            "https://github.com/getsentry/craft/issues/313",
        ),
    ),
    Beyond(
        "renamed",
        "unusual characters become periods, accents go, a leading period becomes default.",
        (
            f"{_DOCS}/releases/assets#upload-a-release-asset",
            "https://github.com/electron/forge/pull/1761",
            "https://github.com/cli/cli/issues/10585",
            "https://github.com/actions/upload-release-asset/issues/57",
        ),
    ),
    Beyond(
        "media type",
        "an upload's Content-Type is that of the file, not only application/octet-stream",
        (f"{_DOCS}/releases/assets#upload-a-release-asset",),
    ),
    Beyond(
        "drafts",
        "drafts are listed only for who may push, and are never found by tag",
        (
            f"{_DOCS}/releases/releases#list-releases",
            "https://github.com/cli/cli/issues/3037",
        ),
    ),
    Beyond(
        "storage",
        "an asset's bytes come by a 302 from another host, which refuses an Authorization field",
        (
            f"{_DOCS}/releases/assets#get-a-release-asset",
            "https://github.com/octokit/octokit.js/issues/967",
            "https://github.com/robinraju/release-downloader/issues/333",
        ),
    ),
    Beyond(
        "pages",
        "lists come in pages of 30, at most 100; the Link field names them by repository number",
        (f"{_DOCS}/using-the-rest-api/using-pagination-in-the-rest-api",),
    ),
    Beyond(
        "user agent",
        "every request names its program, and may name a version of the API",
        (
            f"{_DOCS}/using-the-rest-api/getting-started-with-the-rest-api#user-agent",
            f"{_DOCS}/about-the-rest-api/api-versions",
        ),
    ),
)
