"""Many targets in one run: order, jobs, failures of single ones, signals, shards and merging."""
