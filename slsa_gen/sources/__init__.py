"""Where evidence is found. A source answers with bundles; it believes and decides nothing."""
