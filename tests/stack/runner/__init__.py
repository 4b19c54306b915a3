"""The Action in a workflow, run by act: a runner that this machine can have."""
