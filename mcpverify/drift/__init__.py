"""What differs between two contracts, and what the difference means to those who call.

`changes` yields facts, `verdicts` judges them. `containment` proves that all values of one
schema are accepted by another or finds one that is not, with `patterns` for expressions;
`referee` confirms what was found. `validity` is about single schemas.
"""
