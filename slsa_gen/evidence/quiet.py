"""Silence for libraries: what they would tell the user beside our report."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quiet() -> Iterator[None]:
    """Keep sigstore's log lines and cryptography's warnings from standard error.

    Both speak of odd certificates and bundles; our report says what is wrong with them. The
    filters are the whole process's, so callers in several threads hold a lock.
    """
    logger = logging.getLogger("sigstore")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
