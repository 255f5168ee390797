"""The CI jobs that `init` writes: which forge hosts a repository, and its recipes for a server.

A job is the file from recipes/ itself, with the values of a server in place of the example's. What
goes into it was typed by the user or is a slug; whatever a shell or YAML would read another way is
refused before.
"""
