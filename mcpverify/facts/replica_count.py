"""How many fresh connections it takes to meet every one of N replicas."""

from math import ceil, log
from typing import Final

MISSED: Final = 0.01
"""How likely it may be that some replica is met by none of them."""


def connections_for(replicas: int) -> int:
    """The least k >= ln(MISSED / N) / ln(1 - 1 / N): each connection meets one of N at random.

    By the union bound, the chance that one of N is missed is at most N (1 - 1 / N)^k.
    """
    if replicas == 1:
        return 1
    return ceil(log(MISSED / replicas) / log(1 - 1 / replicas))
