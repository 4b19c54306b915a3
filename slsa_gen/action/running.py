"""A command that the Action ran: what was attested of it, and its failure, said in a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    Document = dict[str, Any]

#: A shell's words for a program that there is not, or that cannot be executed.
_NOT_THERE: Final = frozenset({126, 127})
_CONTAINER_HINT: Final = (
    "This step runs in the Action's own container, which has a shell and next to no programs. "
    "Build in a step of the job, and attest what it made:\n\n"
    "    - run: make dist\n"
    "    - uses: OWNER/slsa-gen@COMMIT\n"
    "      with:\n"
    "        subject-path: dist/*\n\n"
    "Or install slsa-gen in the job, and build there with: slsa-gen run --product 'dist/*' -- make"
)


def attested(document: Document) -> Document:
    """Return the document of ``run`` with what was attested as its results.

    A command that failed is no error of ours; in a step, where nobody reads a status, it is
    told like one.
    """
    results = [r["attestation"] for r in document["results"] if r["attestation"] is not None]
    statuses = [r["step"]["exitStatus"] for r in document["results"]]
    failed = [_failed(status) for status in statuses if status != 0]
    errors = [_in_container(error) for error in document["errors"]]
    return document | {"results": results, "errors": [*errors, *failed]}


def _failed(status: int) -> Document:
    missing = status in _NOT_THERE
    why = ": a program of it is not in the container, or cannot be executed" if missing else ""
    return {
        "reason": Reason.RUN_FAILED.value,
        "message": f"the command ended with status {status}{why}; no provenance was made",
        "hint": _CONTAINER_HINT if missing else "Look at what the command printed above.",
    }


def _in_container(error: Document) -> Document:
    if error["reason"] == Reason.RUN_GIT.value:
        hint = "The container has no git. Name the files that the command starts from:\n\n"
        return error | {"hint": f"{hint}    material: src/**"}
    return error
