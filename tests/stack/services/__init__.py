"""A real Sigstore on this machine: every service of it, and other people's clients.

``builds``     builds the programs that ``pins.toml`` names, once, into a cache folder
``processes``  starts a program, waits until it answers, and ends it
``database``   PostgreSQL, which Trillian keeps its logs in
``keys``       the keys and certificates that services are started with
``issuer``     an OIDC issuer that answers like GitHub's, and (``issuer_server``) its servers
``servers``    the command line of each service
``trust``      trusted roots and client trust configurations, made by cosign
``stack``      all of it, brought up and taken down
``clients``    what others verify with: sigstore-python, cosign, sigstore-go

``make stack`` brings it up for a person, ``make test-stack`` runs the tests here.
"""
