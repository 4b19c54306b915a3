"""Tests of single packages: no sockets, no other process; the folders mirror ``slsa_gen``."""
