"""One suite for the sandbox and for the services that it stands for.

``attesting``, ``verifying``, ``recording`` and ``laying_out`` hold classes of tests that type
commands in a ``place``. Whoever has places derives from them, with a fixture of that name:
``tests/integration/test_parity.py`` has the sandbox, ``tests/stack/services/test_parity.py``
the real services, once with each log. What is printed must be the same everywhere, up to
what must differ (``writing``): the files in ``printed`` say what it is.
"""
