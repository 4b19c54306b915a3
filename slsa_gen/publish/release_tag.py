"""Which tag's release a bundle goes to."""

from __future__ import annotations

from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason


def tag_of(ref: str, named: str | None) -> str:
    """Return the tag of the release: the one that is named, else that of the run's ref.

    Args:
        ref: The verified ref, such as ``refs/tags/v1.2.3``.
        named: What ``--upload-tag-name`` says, or None.

    Raises:
        UsageError: there is none, or what is named is no tag.
    """
    if named is None:
        prefix, found, tag = ref.partition("refs/tags/")
        # Git's own commands make no such tag, but a push can; in a command it is an option.
        if found and not prefix and tag and not tag.startswith("-"):
            return tag
        raise UsageError(
            f"--upload-assets needs a tag, and this run is for {ref!r}, which is none",
            hint="Name the release's tag: --upload-tag-name TAG; or run the workflow on a tag: "
            "on: { push: { tags: ['v*'] } }",
            reason=Reason.RELEASE_TAG,
        )
    tag = named.removeprefix("refs/tags/")
    # What begins with a hyphen is no tag to git, and an option in a command that is pasted.
    if not tag or not tag.isprintable() or tag.startswith(("refs/", "-")) or " " in tag:
        raise UsageError(
            f"--upload-tag-name takes the name of a tag, got {named!r}",
            hint="Write the tag alone, such as: --upload-tag-name v1.2.3",
            reason=Reason.RELEASE_TAG,
        )
    return tag
