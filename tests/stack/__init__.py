"""The whole of it in real surroundings: a container engine, a runner of workflows.

What is needed is said by variables that ``make test-container`` and ``make e2e`` set. Without
them these tests are skipped, and the reason begins with ``container:`` or ``runner:``.
"""
