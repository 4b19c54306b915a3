"""Tests of slsa_gen.github."""
