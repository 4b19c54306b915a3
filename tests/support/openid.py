"""An OpenID provider on loopback, with knobs for everything that a bad one does.

What a good one checks it checks: a wrong proof, redirect or client gets no token. The person in
front of it is :meth:`FakeProvider.browse`, handed in as what shows the address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from slsa_gen.http import HttpClient
from slsa_gen.identity.surroundings import Surroundings
from slsa_gen.limits import DEFAULT_LIMITS, Limits
from slsa_gen.retry import Budget, Retrier
from slsa_gen.sandbox.issuer import key_id, key_set
from tests.support.secrets import register

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from slsa_gen.clock import Clock

HOST: Final = "127.0.0.1"
EMAIL: Final = "ada@example.org"
CODE: Final = "the-code-of-this-sign-in"
DEVICE_CODE: Final = "the-device-code-of-this-sign-in"
USER_CODE: Final = "WDJB-MJHT"
PENDING: Final = "authorization_pending"
_URL: Final = re.compile(r"http\S+")

Json = dict[str, Any]


@cache
def signing_key(name: str = "provider") -> rsa.RSAPrivateKey:
    """Return the RSA key of that name; names tell keys apart within one run of the tests."""
    del name
    return rsa.generate_private_key(65537, 2048)


@dataclass
class FakeProvider:
    """The provider, between ``with`` and its end.

    Attributes:
        clock: Says when tokens are issued.
        described: Replaces fields of its description; None leaves one out.
        claims: Replaces claims of its tokens; None leaves one out.
        returned: Replaces fields of what the browser brings back; None leaves one out.
        further: Fields that the browser brings back besides, perhaps a second time.
        token_answer: Is answered at the token endpoint instead of a token: status and body.
        device_answer: Replaces fields of the device endpoint's answer; None leaves one out.
        polls: OAuth's errors that the token endpoint gives before the token, in order; an
            empty one is a status of 503.
        signed_with: The key that tokens are signed with.
        asked: Path and form of each POST.
    """

    clock: Clock
    described: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    returned: dict[str, str | None] = field(default_factory=dict)
    further: list[tuple[str, str]] = field(default_factory=list)
    token_answer: tuple[int, bytes] | None = None
    device_answer: Json = field(default_factory=dict)
    polls: list[str] = field(default_factory=list)
    signed_with: rsa.RSAPrivateKey = field(default_factory=signing_key)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: What the person was told, and the pages that the browser was shown: status, fields, body.
    said: list[str] = field(default_factory=list)
    pages: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    _question: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._server = _Server((HOST, 0), _Handler)
        self._server.provider = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return the issuer."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def description(self) -> Json:
        """Return its discovery document."""
        names = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "device_authorization_endpoint": f"{self.url}/device",
            "jwks_uri": f"{self.url}/jwks",
            "authorization_response_iss_parameter_supported": True,
            "code_challenge_methods_supported": ["S256"],
        }
        return _changed(names, self.described)

    def around(self, limits: Limits = DEFAULT_LIMITS, budget: float = 30.0) -> Surroundings:
        """Return the surroundings of a command whose terminal is read by a person."""
        spent = Budget(budget, self.clock)
        http = HttpClient(Retrier(spent, self.clock, limits, lambda: 0.0), limits)
        return Surroundings(http, self.clock, limits, spent, self.browse)

    def browse(self, text: str) -> None:
        """Read what is shown, open the address in it, and bring back the answer."""
        self.said.append(text)
        found = _URL.search(text)
        if found is None or not found[0].startswith(f"{self.url}/auth?"):
            return
        self._question = dict(parse_qsl(urlsplit(found[0]).query))
        threading.Thread(target=self._bring_back, daemon=True).start()

    def _bring_back(self) -> None:
        answer = {"state": self._question["state"], "code": CODE, "iss": self.url}
        fields = list(_changed(answer, self.returned).items())
        self.send(self._question["redirect_uri"], [*fields, *self.further])

    def send(self, url: str, fields: list[tuple[str, str]]) -> None:
        """Send an answer to a redirect address, and keep the page that it answers."""
        parts = urlsplit(url)
        connection = HTTPConnection(HOST, parts.port or 80, timeout=5)
        connection.request("GET", f"{parts.path}?{urlencode(fields)}")
        answer = connection.getresponse()
        self.pages.append((answer.status, dict(answer.getheaders()), answer.read()))
        connection.close()

    def token(self, **changes: object) -> str:
        """Return an ID token; changes replace claims of it, None leaves one out."""
        now = int(self.clock.now().timestamp())
        claims: Json = {
            "iss": self.url,
            "aud": "sigstore",
            "sub": "1",
            "iat": now,
            "exp": now + 120,
            "email": EMAIL,
            "email_verified": True,
        }
        content = _changed(claims, {**self.claims, **changes})
        headers = {"kid": key_id(signing_key().public_key())}
        return jwt.encode(content, self.signed_with, algorithm="RS256", headers=headers)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        """Answer a POST."""
        self.asked.append((path, form))
        if path == "/device":
            answer = {
                "device_code": DEVICE_CODE,
                "user_code": USER_CODE,
                "verification_uri": f"{self.url}/code",
                "expires_in": 120,
                "interval": 5,
            }
            return HTTPStatus.OK, json.dumps(_changed(answer, self.device_answer)).encode()
        if self.token_answer is not None:
            return self.token_answer
        return self._exchanged(form)

    def _exchanged(self, form: dict[str, str]) -> tuple[int, bytes]:
        if "device_code" in form:
            if self.polls:
                error = self.polls.pop(0)
                return _denied(error) if error else (HTTPStatus.SERVICE_UNAVAILABLE, b"")
            good, nonce = form["device_code"] == DEVICE_CODE, {}
        else:
            proof = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
            good = (
                form["code"] == CODE
                and challenge == self._question["code_challenge"]
                and form["redirect_uri"] == self._question["redirect_uri"]
            )
            nonce = {"nonce": self._question["nonce"]}
        if not good or form["client_id"] != "sigstore":
            return _denied("invalid_grant")
        token = self.token(**{**nonce, **self.claims})
        return HTTPStatus.OK, json.dumps({"id_token": token, "token_type": "Bearer"}).encode()

    def get(self, path: str) -> tuple[int, bytes]:
        """Answer a GET."""
        documents = {
            "/.well-known/openid-configuration": self.description,
            "/jwks": key_set(signing_key().public_key()),
        }
        if path not in documents:
            return HTTPStatus.NOT_FOUND, b"{}"
        return HTTPStatus.OK, json.dumps(documents[path]).encode()


def _changed(before: Json, changes: Mapping[str, Any]) -> Json:
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _denied(error: str) -> tuple[int, bytes]:
    return HTTPStatus.BAD_REQUEST, json.dumps({"error": error}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    provider: FakeProvider


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer(*self.server.provider.get(urlsplit(self.path).path))

    def do_POST(self) -> None:
        """Answer a POST of a form."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body))
        for name in {"code", "code_verifier", "device_code"} & form.keys():
            register(form[name], "codes and proofs of a sign-in")
        self._answer(*self.server.provider.post(self.path, form))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""
