"""What changes mean: `judgement` asks rules, or the prover and its referee, for each of them.

`schema_judgement` is about one schema: what the prover finds is laid at the door of single
changes (`hybrid`, `blame`), and what it proves clears them.
"""
