"""Tests of slsa_gen.identity."""
