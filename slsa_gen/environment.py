"""The only reader of the process's environment."""

from __future__ import annotations

import os


def variables() -> dict[str, str]:
    """Return a copy of the environment, to be handed on as a value."""
    return dict(os.environ)  # noqa: TID251 (this is the one place)
