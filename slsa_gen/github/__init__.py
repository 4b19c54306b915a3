"""GitHub: its identity tokens, claims, runs and releases, and nowhere else.

What belongs here: asking the runner for its token, verifying it, turning its claims into a
:class:`~slsa_gen.model.identity.BuildContext`, what a run may and may not attest; and the REST
API (``api`` sends one request, ``hosts`` says where a token may go, ``releases`` knows the calls).
``context`` is pure; whatever asks a service does so through the client that it is handed. A
second platform is a second package beside this one.
"""
