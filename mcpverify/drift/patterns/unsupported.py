"""The answer to a pattern that is not translated."""


class Unsupported(Exception):
    """The pattern is not regular, is read differently by different engines, or is too big.

    Its text completes "the pattern ... is not decided: ", as in "it refers back to a group".
    """
