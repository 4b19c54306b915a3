"""What a build type can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.identity import BuildContext, SignerIdentity
    from slsa_gen.provenance.comparison import FieldComparison


class BuildType(Protocol):
    """The meaning of a provenance predicate's parameters (SLSA provenance v1, buildType)."""

    @property
    def uri(self) -> str:
        """Return the URI that names it in a predicate."""
        ...

    @property
    def predicate_type(self) -> str:
        """Return the one predicate type that it gives a meaning to."""
        ...

    def predicate(self, context: BuildContext) -> dict[str, object]:
        """Return the predicate of a run, from nothing but its verified context.

        Raises:
            ContextError: The context is not one of this build type, or this build type is
                only read here.
        """
        ...

    def compare(
        self, predicate: Mapping[str, object], signer: SignerIdentity
    ) -> tuple[FieldComparison, ...]:
        """Compare every field that predicate and certificate both carry; never raises."""
        ...

    def unknown_parameters(self, predicate: Mapping[str, object]) -> tuple[str, ...]:
        """Return the external parameters that the build type does not define, sorted.

        Dotted names below ``externalParameters``; null and empty ones count as unset (SLSA
        provenance v1, "Parsing rules").
        """
        ...
