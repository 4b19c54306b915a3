"""Tests of slsa_gen.signing."""
