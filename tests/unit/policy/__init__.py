"""Tests of ``slsa_gen.policy``: what is demanded, and what follows."""
