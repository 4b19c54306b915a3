"""Tests of the whole command line, against the sandbox."""
