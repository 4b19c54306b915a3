"""Real builds under ``run``: each fetches what it needs, is built, and its provenance is verified.

Skipped, with a reason that begins with ``builds:``, where ``make test-builds`` does not run them:
they need the network, Go and npm.
"""
