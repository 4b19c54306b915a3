"""Tests of ``slsa_gen.action``."""
