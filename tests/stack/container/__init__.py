"""The image, run by a container engine."""
