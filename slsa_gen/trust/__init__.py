"""Whom to trust: the roots of the public instances, refreshed through TUF, and named files.

``load``       the entry: a name or a file → ``SigstoreInstance``
``known``      the public instances, and the dated copies of their documents (``data/``)
``store``      the cache: one file, replaced as a whole
``refresh``    a refresh through TUF, by ``tuf``'s own client
``signatures`` the cache verified again, without the network
``documents``  files that a user names
"""
