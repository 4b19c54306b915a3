"""A person signs in: from an OpenID provider to a verified token, and whom it names.

``provider``  who can be signed in with, and where (OpenID Connect Discovery 1.0)
``pkce``      what ties an answer to its question: state, nonce, code verifier
``redirect``  takes the browser's one answer on loopback (RFC 8252)
``browser``   the authorization code flow with PKCE (RFC 6749, RFC 7636)
``device``    a code to type where there is no browser (RFC 8628)
``exchange``  the token endpoint, and the token verified
``interactive`` chooses between the two; the source of tokens for a signer
``person``    claims → Person
"""
