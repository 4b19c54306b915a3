"""Build steps on record: commands recorded, in-toto links and layouts.

The only package that imports ``in_toto`` and ``securesystemslib``, in those modules that need
them; nothing here signs or proves what Sigstore signed (``signing``, ``evidence``).
"""
