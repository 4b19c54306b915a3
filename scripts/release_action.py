"""Write a pushed image's digest into action.yml and verify/action.yml, for a release's commit.

Usage: ``python3 scripts/release_action.py ghcr.io/OWNER/slsa-gen@sha256:HEX``. On the main
branch both files say ``image: Dockerfile``, so that every run builds what lies beside them; a
release's commit names one image by digest, so that whoever pins the commit pins the image.
Both files are changed or none is. Needs nothing but an interpreter.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Each action file, and what its ``image:`` line says before a release.
ACTION_FILES = {"action.yml": "Dockerfile", "verify/action.yml": "../Dockerfile"}

#: A registry with a dot or a port, a path in lower case, and a digest; no tag, which can be moved.
IMAGE = re.compile(
    r"(?P<registry>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?|localhost:[0-9]{1,5})"
    r"(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+"
    r"@sha256:[0-9a-f]{64}"
)
_LINE = re.compile(r"^(?P<before> +image: +)(?P<value>\S.*?) *$", re.MULTILINE)


class RefusedError(Exception):
    """The image or a file is not what a release can be made of."""


def main(arguments: list[str]) -> int:
    """Rewrite both files; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python3 scripts/release_action.py REGISTRY/NAME@sha256:HEX\n")
        return 2
    try:
        changed = pin(ROOT, arguments[0])
    except RefusedError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    for name in changed:
        print(f"{name}: image: docker://{arguments[0]}")
    return 0


def pin(root: Path, image: str) -> list[str]:
    """Write the image into each action file below a folder; return the files that changed.

    Args:
        root: the repository.
        image: ``REGISTRY/NAME@sha256:HEX``.

    Raises:
        RefusedError: the image is not named by digest, or a file has not exactly one image
            line with the value that it has before a release. Nothing was written then.
    """
    written = {
        name: pinned(name, (root / name).read_text(encoding="utf-8"), image)
        for name in ACTION_FILES
    }
    changed = [name for name, text in written.items() if text != (root / name).read_text("utf-8")]
    for name in changed:
        (root / name).write_text(written[name], encoding="utf-8")
    return changed


def pinned(name: str, text: str, image: str) -> str:
    """Return an action file's text with the image in the place of the Dockerfile.

    Raises:
        RefusedError: as for `pin`.
    """
    if not IMAGE.fullmatch(image):
        message = (
            f"{image!r} is not an image by digest: expected REGISTRY/NAME@sha256:64 hex digits"
        )
        raise RefusedError(message)
    lines = list(_LINE.finditer(text))
    if len(lines) != 1:
        message = f"{name} has {len(lines)} lines of the form 'image: …': expected exactly one"
        raise RefusedError(message)
    wanted = f"docker://{image}"
    if lines[0]["value"] == wanted:
        return text
    if lines[0]["value"] != ACTION_FILES[name]:
        message = f"{name} says image: {lines[0]['value']!r}: expected {ACTION_FILES[name]!r}"
        raise RefusedError(message)
    return text[: lines[0].start("value")] + wanted + text[lines[0].end("value") :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
