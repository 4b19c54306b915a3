"""Values in, text out; nothing here decides anything.

``human`` writes for people, ``document`` writes JSON for programs, ``text`` makes what
comes from outside harmless, ``style`` colours it where that is wanted.
"""
