"""Tests of slsa_gen.provenance."""
