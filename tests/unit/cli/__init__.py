"""Tests of slsa_gen.cli."""
