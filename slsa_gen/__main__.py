"""Run ``python -m slsa_gen``."""

import sys

from slsa_gen.cli.main import main

if __name__ == "__main__":
    sys.exit(main())  # noqa: TID251 (this is where the process ends)
