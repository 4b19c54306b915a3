"""Tests of the sandbox: the Sigstore of one's own."""
