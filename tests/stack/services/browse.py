"""What a person does in a browser to sign in: follows pages, and fills in their forms.

Also a program, so that it can be named in ``BROWSER``.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import requests

if TYPE_CHECKING:
    from pathlib import Path

_FORM: Final = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)
_ACTION: Final = re.compile(r'<form[^>]*action="([^"]*)"')
_INPUT: Final = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE: Final = re.compile(r'(name|value)="([^"]*)"')
_STEPS: Final = 12
_SECONDS: Final = 20.0


def browser(ca: Path, *arguments: str) -> str:
    """Return a command that stands for a browser, and for the person in front of it.

    Args:
        ca: What the provider's TLS is trusted by.
        arguments: Those of this program.
    """
    command = (sys.executable, "-I", __file__, "--ca", str(ca), *arguments)
    return shlex.join(command) + " %s"


class Person:
    """Somebody with a browser.

    Args:
        ca: What the provider's TLS is trusted by.
        login: The name that is typed where one is asked for.
        refuses: Stops at the first question, as a person does who did not ask for this.
    """

    def __init__(self, ca: str, login: str, *, refuses: bool = False) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca
        self._login = login
        self._refuses = refuses

    def sign_in(self, url: str, user_code: str = "") -> str:
        """Open an address, do what the pages ask, and return the last page's text.

        Args:
            url: Where to begin.
            user_code: The code that is typed where one is asked for.
        """
        typed = {"login": self._login, "password": "any", "user_code": user_code}
        page = self._session.get(url, timeout=_SECONDS)
        for _ in range(_STEPS):
            if self._refuses and "/interaction/" in page.url:
                self._refuses = False
                page = self._session.get(f"{page.url}/abort", timeout=_SECONDS)
                continue
            form = _FORM.search(page.text)
            if form is None:
                break
            action = _ACTION.search(form[0])
            fields = dict(_field(tag, typed) for tag in _INPUT.findall(form[0]))
            address = urljoin(page.url, unescape(action[1])) if action else page.url
            page = self._session.post(address, data=fields, timeout=_SECONDS)
        return page.text


def _field(tag: str, typed: dict[str, str]) -> tuple[str, str]:
    said = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
    name = said.get("name", "")
    return name, said.get("value") or typed.get(name, "")


def main() -> int:
    """Sign in at the address that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ca", required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--refuses", action="store_true")
    parser.add_argument("url")
    args = parser.parse_args()
    Person(args.ca, args.login, refuses=args.refuses).sign_in(args.url)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
