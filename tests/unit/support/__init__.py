"""Tests of the simulators that other tests stand on."""
