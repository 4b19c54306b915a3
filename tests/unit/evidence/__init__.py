"""Tests of ``slsa_gen.evidence``: what is proved, and what is refused."""
