"""The calls of GitHub's REST API that the simulator knows, as its description names them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping


class Call(StrEnum):
    """What is asked: method and path template, the keys of GitHub's description."""

    LIST_RELEASES = "GET /repos/{owner}/{repo}/releases"
    CREATE_RELEASE = "POST /repos/{owner}/{repo}/releases"
    GET_BY_TAG = "GET /repos/{owner}/{repo}/releases/tags/{tag}"
    GET_RELEASE = "GET /repos/{owner}/{repo}/releases/{release_id}"
    UPDATE_RELEASE = "PATCH /repos/{owner}/{repo}/releases/{release_id}"
    DELETE_RELEASE = "DELETE /repos/{owner}/{repo}/releases/{release_id}"
    LIST_ASSETS = "GET /repos/{owner}/{repo}/releases/{release_id}/assets"
    UPLOAD = "POST /repos/{owner}/{repo}/releases/{release_id}/assets"
    GET_ASSET = "GET /repos/{owner}/{repo}/releases/assets/{asset_id}"
    DELETE_ASSET = "DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}"
    GENERATE_NOTES = "POST /repos/{owner}/{repo}/releases/generate-notes"

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.value.partition(" ")[0]

    @property
    def template(self) -> str:
        """Return the path with its parameters in braces."""
        return self.value.partition(" ")[2]


@dataclass(slots=True)
class Seen:
    """One request that came.

    Attributes:
        call: Which call it is; None when GitHub has no such one.
        method: The HTTP method.
        path: The path as it was written, without the query.
        query: The query's fields, decoded.
        headers: The header fields; their names are in lower case.
        at: When it came: seconds that never go back.
        body_bytes: The bytes of the body that were read.
        status: The status of the answer; 0 when none was sent.
    """

    call: Call | None
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    at: float
    body_bytes: int = 0
    status: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str | None:
        """Return the token that it carries."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() in {"bearer", "token"} else None


def _pattern(call: Call) -> re.Pattern[str]:
    text = re.escape(call.template).replace(r"\{", "{").replace(r"\}", "}")
    text = re.sub(r"\{(\w+_id)\}", r"(?P<\1>[0-9]{1,18})", text)
    # A tag may hold slashes, and GitHub takes them as they are.
    text = text.replace("{tag}", "(?P<tag>.+)")
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", text))


_PATTERNS: Final = {call: _pattern(call) for call in Call}


def find_call(method: str, path: str) -> tuple[Call | None, dict[str, str]]:
    """Return the call of a request and the parameters in its path, decoded."""
    for call, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path)
        if match and call.method == method:
            return call, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}
