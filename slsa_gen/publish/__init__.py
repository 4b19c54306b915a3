"""Where a bundle goes. One file a target; targets do not know one another.

``naming`` decides what a bundle file is called and where it lies; ``file`` writes it.
"""
