"""What is demanded: expectations in, verdicts out.

What belongs here: the policy (from options or a file), one rule a file, and the SLSA level
that the evidence shows. What does not: whether a signature holds. That is ``evidence``, and
nothing but its :class:`~slsa_gen.model.verified.VerifiedStatement` is ever judged.
"""
