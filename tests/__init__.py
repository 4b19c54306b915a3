"""The tests; each folder says what belongs there."""
