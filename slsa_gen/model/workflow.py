"""References to workflow files, as GitHub's claims and Fulcio's certificates write them."""

from __future__ import annotations


def workflow_path(config_uri: str, repository_uri: str, ref: str) -> str | None:
    """Return PATH of ``REPOSITORY_URI/PATH@REF``, or None when the text is not that.

    The path and the ref may both hold an ``@`` (a tag ``pkg@1.0``, a folder ``@v1``), so
    neither the first nor the last ``@`` says where one ends: the known ref does
    (https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1, workflow.path).

    Args:
        config_uri: Such as ``https://github.com/o/r/.github/workflows/x.yml@refs/heads/main``.
        repository_uri: The repository that must hold the file.
        ref: The ref at which the run was started.
    """
    prefix, suffix = f"{repository_uri}/", f"@{ref}"
    if not config_uri.startswith(prefix) or not config_uri.endswith(suffix):
        return None
    path = config_uri[len(prefix) : len(config_uri) - len(suffix)]
    if not path or path.startswith("/") or ".." in path.split("/"):
        return None
    return path
