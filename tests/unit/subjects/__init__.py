"""Tests of slsa_gen.subjects."""
