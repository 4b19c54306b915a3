"""What is said: statements, predicates, and how a predicate must agree with a certificate.

What belongs here: the exact bytes of a statement, reading the statements of others, one
module for each build type, the JSON Schemas, and a user's own predicates. Nothing here asks
the network, the environment or the clock, and nothing here trusts: who signed a statement is
``evidence``'s business, whether that will do is ``policy``'s.
"""
