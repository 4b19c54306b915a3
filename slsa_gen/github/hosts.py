"""Which hosts may be sent a token: they follow from the server that the verified token names.

No address of an answer is ever sent one (``upload_url`` and ``browser_download_url`` are not
even read for it), and GITHUB_API_URL is a variable that an earlier step could have set: it is
taken only when it says what follows anyway, or points to this machine (a simulator, a tunnel).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from slsa_gen.errors import ContextError
from slsa_gen.model.instance import GITHUB_SERVER
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import UrlError, is_loopback, split_service_url
from slsa_gen.reasons import Reason

_GITHUB_API: Final = "https://api.github.com"
_GITHUB_UPLOADS: Final = "https://uploads.github.com"
#: GitHub Enterprise Cloud with data residency: SUBDOMAIN.ghe.com.
_GHE: Final = re.compile(r"https://([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.ghe\.com")


@dataclass(frozen=True, slots=True)
class ApiHosts:
    """The base URLs of GitHub's REST API and of its uploads, without a trailing slash."""

    api: str
    uploads: str

    @property
    def local(self) -> bool:
        """Tell whether they are on this machine."""
        return is_loopback(split_service_url(self.api).hostname or "")

    @property
    def data_residency(self) -> str:
        """Return ``SUBDOMAIN.ghe.com/`` for such a server, and nothing for github.com."""
        match = re.fullmatch(r"https://api\.(.+\.ghe\.com)", self.api)
        return f"{match[1]}/" if match else ""


def api_hosts(server_url: str, api_url: str) -> ApiHosts:
    """Return the hosts for a server.

    Args:
        server_url: The server of the verified token, such as ``https://github.com``.
        api_url: GITHUB_API_URL, or empty where it is not set.

    Raises:
        ContextError: the variable names another host than the server's, or none follows.
    """
    own = _of_server(server_url)
    url = api_url.strip().rstrip("/")
    if own is not None and url in {"", own.api}:
        return own
    if on_loopback(url):
        return ApiHosts(url, url)
    if own is None:
        raise ContextError(
            f"which host answers for {server_url} is not known: releases are published on "
            f"{GITHUB_SERVER} and https://*.ghe.com",
            hint="Leave --upload-assets out: the bundle file is written all the same.",
            reason=Reason.RELEASE_API_URL,
        )
    shown = repr(harmless(url, 100)) if "@" not in url else "a URL with a user name in it"
    raise ContextError(
        f"GITHUB_API_URL is {shown}, but the API of {server_url}, where this run is, is "
        f"{own.api}: GITHUB_TOKEN is not sent anywhere else",
        hint="The runner sets GITHUB_API_URL; a step of the job must have changed it. Leave it "
        "alone, or: unset GITHUB_API_URL",
        reason=Reason.RELEASE_API_URL,
    )


def _of_server(server_url: str) -> ApiHosts | None:
    if server_url == GITHUB_SERVER:
        return ApiHosts(_GITHUB_API, _GITHUB_UPLOADS)
    match = _GHE.fullmatch(server_url)
    if match is None:
        return None
    return ApiHosts(f"https://api.{match[1]}.ghe.com", f"https://uploads.{match[1]}.ghe.com")


def on_loopback(api_url: str) -> bool:
    """Tell whether the value of GITHUB_API_URL leads to this machine."""
    try:
        parts = split_service_url(api_url.strip())
    except UrlError:
        return False
    return is_loopback(parts.hostname or "") and not parts.query and not parts.fragment
