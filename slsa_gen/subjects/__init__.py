"""What was built: paths, checksum lists and digests become subjects, closed when in doubt.

What belongs here: finding files, reading lists of digests, hashing, naming, and refusing
whatever could be understood in two ways. What does not: the statement that the subjects go
into (``provenance``), and anything that asks a service.
"""
