"""What the sandbox's services are asked and what they answer, without any socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from slsa_gen import strictjson

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``query`` holds the first value of each name; ``bearer`` the token, or "".

    ``base_url`` is the server's own address, without a trailing slash.
    """

    method: str
    path: str
    query: Mapping[str, str]
    base_url: str
    bearer: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: HTTPStatus
    body: bytes = field(default=b"", repr=False)
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A request that is refused.

    Args:
        status: The HTTP status.
        message: What the service says.
        code: The number in the answer's body: Fulcio's are gRPC's, Rekor's are HTTP's.
        headers: Further header fields.
    """

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        code: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = int(status) if code is None else code
        self.headers = headers or {}

    def answer(self) -> Answer:
        """Return the answer that says so, as Fulcio and Rekor write it."""
        body = strictjson.dumps({"code": self.code, "message": self.message})
        return Answer(self.status, body, headers=self.headers)


def json_answer(
    value: object,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return an answer that is a JSON document."""
    return Answer(status, strictjson.dumps(value), headers=headers or {})
