"""Tests of ``slsa_gen.intoto``: steps, links and layouts."""
