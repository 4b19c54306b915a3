"""The project's own JSON Schemas (draft 2020-12), and the validator that knows only these.

``written-*`` is what we write, to the letter. The others are what we read: what the
specifications demand, with unknown fields allowed except inside ``externalParameters`` of a
build type that we know.
"""

from slsa_gen.provenance.schemas.validation import NAMES, SchemaMismatchError, validate

__all__ = ["NAMES", "SchemaMismatchError", "validate"]
