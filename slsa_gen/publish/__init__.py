"""Where a bundle goes. One file a target; targets do not know one another.

``interface`` is what the pipeline asks of a target, ``everywhere`` puts bundles at all of them.
``naming`` decides what a bundle file is called and where it lies, ``file`` writes it (``whole``);
``release`` makes it an asset of a GitHub release (``asset_name``, ``release_tag``, and
``release_refusals`` for what is said when that cannot be).
"""
