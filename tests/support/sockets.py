"""Closes the sockets of a test that did not say that it needs them."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, NoReturn

import pytest

# The first import of this module binds a socket to ::1, to see whether there is IPv6; done
# here, it cannot happen within a test that allows no socket. Nothing is sent by it.
import urllib3.util.connection  # noqa: F401 (imported for what it does, see above)

if TYPE_CHECKING:
    from collections.abc import Callable

#: The methods through which a socket reaches somebody.
_METHODS = ("connect", "connect_ex", "bind", "sendto", "sendmsg")
_LOCAL_NAMES = frozenset({"localhost", "", None})


def close_sockets(patch: pytest.MonkeyPatch) -> None:
    """Make every socket fail the test at once, name look-ups included."""
    for name in _METHODS:
        patch.setattr(socket.socket, name, _refuse)
    patch.setattr(socket, "getaddrinfo", _refuse)


def keep_to_loopback(patch: pytest.MonkeyPatch) -> None:
    """Let sockets reach this machine alone."""
    for name in ("connect", "connect_ex", "bind"):
        patch.setattr(socket.socket, name, _loopback_only(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", _local_look_up(socket.getaddrinfo))


def is_local(address: object) -> bool:
    """Tell whether a socket's address is on this machine."""
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    if address[0] in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


def _refuse(*_arguments: object, **_options: object) -> NoReturn:
    # pytest.fail raises what no "except Exception" swallows.
    pytest.fail("the test opened a socket; if it must, mark it with @pytest.mark.network")


def _loopback_only(method: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, address: object, *rest: object) -> object:
        if not is_local(address):
            pytest.fail(f"the test reached for {address!r}, which is not this machine")
        return method(self, address, *rest)

    return guarded


def _local_look_up(method: Callable[..., object]) -> Callable[..., object]:
    def guarded(host: object, *rest: object, **options: object) -> object:
        if not is_local((host,)):
            pytest.fail(f"the test looked up {host!r}, which is not this machine")
        return method(host, *rest, **options)

    return guarded
