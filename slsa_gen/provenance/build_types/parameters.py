"""External parameters: which ones a predicate sets, and which are not defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.provenance.comparison import value_at

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_PLACE = ("buildDefinition", "externalParameters")


def undefined_parameters(
    predicate: Mapping[str, object],
    *,
    defined: Collection[str],
    workflow: Collection[str],
) -> tuple[str, ...]:
    """Return the set external parameters outside the two lists, sorted.

    Args:
        predicate: A provenance v1 predicate; a malformed one sets none, or only unknown ones.
        defined: Names that may be set at the top.
        workflow: Names that may be set inside ``workflow``.
    """
    parameters = value_at(predicate, _PLACE)
    if not isinstance(parameters, dict):
        return ()
    unknown = [name for name, value in parameters.items() if name not in defined and _set(value)]
    inner = parameters.get("workflow")
    if isinstance(inner, dict):
        unknown += [
            f"workflow.{name}"
            for name, value in inner.items()
            if name not in workflow and _set(value)
        ]
    return tuple(sorted(unknown))


def _set(value: object) -> bool:
    # False and 0 are values; only null, "", [] and {} are the same as not being there.
    return value is not None and value not in ("", [], {})
