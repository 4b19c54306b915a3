"""The values that flow between packages: frozen, slotted, without any input or output.

What belongs here: a value that two packages pass to each other, and the parsing of small
values that several share (digests, workflow references, repository names). What does not:
anything that opens a file, asks a service, or decides.
"""
