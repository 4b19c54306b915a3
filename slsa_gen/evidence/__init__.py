"""What is proved: bundles in, statements with a proven signer and a proven time out.

What belongs here: reading envelopes and bundles, certificates, the cryptography, log
entries and times. What does not: whether the signer is the one that was wanted. That is
``policy``: a bad signature and someone else's good signature are never confused.
"""
