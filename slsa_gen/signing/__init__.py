"""Who signs: a token and a statement in, a Sigstore bundle out.

sigstore-python does the signing, by its public names only. It sets no time limit, reads
answers of any size and tries nothing again, so it runs in a child process of its own:

``sign``       the signer that others use: one budget, renewals, tries (parent)
``child``      starts, asks, and at a deadline kills the child (parent)
``protocol``   frames on the pipes between the two
``worker``     the child's main loop; ``keyless`` is the only module that signs (child)
``report``     an exception of the libraries as data (child)
``failures``   that data as an error for people (parent)
``services``   which of a configuration's services are asked
``timestamps`` RFC 3161 timestamps; ``bundle`` checks and completes what came back (parent)
"""
