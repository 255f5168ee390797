"""How many fresh connections `--replicas N` takes."""

from math import log

import pytest

from mcpverify.facts.replica_count import MISSED, connections_for


@pytest.mark.parametrize(
    ("replicas", "connections"), [(1, 1), (2, 8), (3, 15), (4, 21), (5, 28), (10, 66), (100, 917)]
)
def test_the_numbers_are_those_that_are_promised(replicas: int, connections: int) -> None:
    assert connections_for(replicas) == connections


def test_it_is_the_least_number_that_keeps_the_bound() -> None:
    for replicas in range(2, 101):
        connections = connections_for(replicas)
        assert connections >= log(MISSED / replicas) / log(1 - 1 / replicas)
        assert _missed(replicas, connections) <= MISSED < _missed(replicas, connections - 1)


def _missed(replicas: int, connections: int) -> float:
    """How likely it is, at most, that one of them is met by no connection."""
    return replicas * (1 - 1 / replicas) ** connections
