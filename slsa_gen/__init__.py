"""Hash build outputs, write SLSA provenance, sign it keylessly, and verify it offline.

The public API is what ``__all__`` lists; everything else may change in any release.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
