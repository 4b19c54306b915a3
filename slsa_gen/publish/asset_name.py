"""What a bundle file is called as an asset of a release.

GitHub "renames asset filenames that have special characters, non-alphanumeric characters, and
leading or trailing periods" (https://docs.github.com/rest/releases/assets#upload-a-release-asset)
and does not say how. Seen by others: accents are dropped, each run of unusual characters
becomes one period (travis-ci/dpl#821, softprops/action-gh-release#159), a name that begins
with a period gets ``default`` put before it, and ``+`` stays when it is escaped in the query
(github/rest-api-description#2968). So the name is changed here first, into one that GitHub has no
reason to change: it is known before anything is signed, and is the name that is looked for.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9_+-]+")


def asset_name(file_name: str) -> str:
    """Return the asset's name for a bundle file: ASCII letters, digits, ``._+-``.

    It is a fixed point: the asset's name of an asset's name is itself.
    """
    plain = unicodedata.normalize("NFKD", file_name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _UNUSUAL.sub(".", plain).strip(".") or "bundle"
