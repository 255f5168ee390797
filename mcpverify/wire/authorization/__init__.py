"""How a run is let in: where its bearer token comes from, and what the metadata says."""
