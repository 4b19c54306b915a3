"""Tests of slsa_gen.report."""
