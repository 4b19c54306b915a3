"""URLs of services: which may be asked at all."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

#: RFC 3986's characters: no spaces, controls or backslashes, on which parsers differ.
_URL: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_NO_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@/\[\]%]*")
_PLAIN_FRAGMENT: Final = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@/\[\]%?]*")


#: RFC 1035, section 2.3.4: characters between two dots of a host's name.
_LABEL: Final = 63
#: RFC 3986, section 3.2.2: an address in brackets is the whole host. Python before 3.11.12 takes
#: it for the host wherever it stands (``[::1].example.com``).
_BRACKETED: Final = re.compile(r"\[[^\[\]%]+\](?::[0-9]*)?")
_USER: Final = re.compile(r"(?<=//)[^/]*@")


class UrlError(ValueError):
    """A URL that is not asked; the message says why."""


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_service_url(url: str) -> SplitResult:
    """Return the parts of a service's URL: https, or http on loopback.

    Raises:
        UrlError: anything else, also what is written so that two parsers could disagree
            about its host (user names, backslashes, blanks).
    """
    if not _URL.fullmatch(url):
        raise UrlError("it holds characters that no URL has")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no port
    except ValueError as error:
        raise UrlError("it is not a URL with a host") from error
    if not parts.hostname:
        raise UrlError("it is not a URL with a host")
    labels = [] if ":" in parts.hostname else parts.hostname.removesuffix(".").split(".")
    if not all(0 < len(label) <= _LABEL for label in labels):
        raise UrlError(f"a part of its host's name is empty or longer than {_LABEL} characters")
    if {"[", "]"} & set(parts.netloc) and not _BRACKETED.fullmatch(parts.netloc):
        raise UrlError("an address in brackets is not the whole of its host")
    if "@" in parts.netloc:
        raise UrlError("a user name or password in it would be sent along")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)):
        return parts
    raise UrlError("only https is asked, and http on loopback")


def without_query(url: str) -> str:
    """Return a URL without user name, query and fragment, which may be nobody's business.

    Any text is taken: a service may have written it.
    """
    return _USER.sub("", re.split(r"[?#]", url, maxsplit=1)[0], count=1)


def escaped_uri(text: str) -> str:
    """Return a URI in ASCII, escaped where Fulcio escapes it.

    Fulcio parses and prints the text with Go's ``net/url``, which leaves a path or fragment
    as it is when all of it may stand in one, and else unescapes and escapes the whole of it.
    The certificate's other fields hold the text as it was.

    Raises:
        ValueError: a ``%`` that begins no escape.
    """
    if _NO_ESCAPE.search(text):
        raise ValueError(f"invalid URL escape in {text!r}")
    path, mark, fragment = text.partition("#")
    if not _PLAIN_PATH.fullmatch(path):
        path = quote(unquote_to_bytes(path), safe="$&+,/:;=@")
    if not _PLAIN_FRAGMENT.fullmatch(fragment):
        fragment = quote(unquote_to_bytes(fragment), safe="$&+,/:;=?@!()*")
    return path + mark + fragment
