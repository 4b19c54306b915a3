"""The trusted root through TUF as a user meets it: the command line against a repository."""
