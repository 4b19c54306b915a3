"""Tests of ``slsa_gen.sources``: where evidence is found."""
