"""Simulators, clocks and faults that tests stand on; never part of the package."""
