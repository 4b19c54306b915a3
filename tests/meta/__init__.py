"""Tests of the repository itself: what no single module can promise."""
