"""Run ``python -I -m slsa_gen.action attest|verify``, as the image's launcher does."""

from __future__ import annotations

import os
import sys

from slsa_gen import environment
from slsa_gen.action.run import run

if __name__ == "__main__":
    # The runner reads two streams each at its own pace; only in one do its commands keep
    # their order. A child process writes there too.
    os.dup2(1, 2)
    sys.exit(run(sys.argv[1:], environment.variables()))  # noqa: TID251 (where the process ends)
