"""The GitHub Action: inputs → a command that a person could type → outputs, summary, annotations.

What it can do, the command line can do: nothing is attested, verified or decided here. It
takes a step's inputs (``inputs``), runs ``slsa_gen.cli.main.main`` (``run``), and tells the
runner what the command's JSON document says (``outputs``, ``notices``, ``report.markdown``).
"""
