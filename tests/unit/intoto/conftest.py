"""What all tests of steps need: signals that are not ignored."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

_HEARD: Final[Mapping[signal.Signals, Callable[[int, FrameType | None], object] | int]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGQUIT: signal.SIG_DFL,
}


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Hear signals that what started the tests ignores (``nohup``, a shell's ``&``)."""
    ignored = [number for number in _HEARD if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, _HEARD[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
