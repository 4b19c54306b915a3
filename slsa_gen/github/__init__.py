"""Where it was built: GitHub's identity tokens, claims and runs, and nowhere else.

What belongs here: asking the runner for its token, verifying it, turning its claims into a
:class:`~slsa_gen.model.identity.BuildContext`, and what a run may and may not attest.
``context`` is pure; ``oidc`` asks services through the client that it is handed. A second
platform is a second package beside this one.
"""
