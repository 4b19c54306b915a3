"""Tests of slsa_gen.publish."""
