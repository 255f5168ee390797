"""What differs between two contracts, and what the difference means.

`changes` yields facts. Whether a change breaks a caller is for other modules to judge.
"""
