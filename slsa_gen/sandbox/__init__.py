"""A Sigstore of one's own on this machine, to try everything with nothing outside.

What belongs here: an OIDC issuer that answers like a runner's endpoint (``issuer``), a
certificate authority that answers Fulcio's API (``fulcio``), a log that answers Rekor's
(``rekor``, ``log``), the loopback server that carries them (``server``), and the folder
that keeps their keys and entries (``folder``). What does not: faults, which tests put
around it, and anything that decides whether a bundle is to be believed. It hands out its
trust configuration as a value, is believed only when it is named, and calls itself by
names under ``.invalid``, so that nothing it signs can be mistaken for real.

It is as strict as the real services: token signature, audience and times, proof of
possession, certificate lifetime, size and form of every request.
"""
