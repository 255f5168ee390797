"""Snapshots on disk: where they lie, how they are read, checked and written.

The only part besides the wire and cli that touches files. What a snapshot means is in
`facts.snapshot`; what differs from it is in `drift`.
"""
