"""Tests of slsa_gen.trust."""
