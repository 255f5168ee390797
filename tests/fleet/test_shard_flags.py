"""--shard counts from 1, --shard-index from 0, and nonsense is refused."""

import pytest

from mcpverify.cli.gate_options import FleetOptions
from mcpverify.cli.shards import Part, part_of
from mcpverify.errors import UsageError


@pytest.mark.parametrize(
    ("shard", "index", "part"),
    [
        (None, None, None),
        ("1/3", None, Part(1, 3)),
        ("3/3", None, Part(3, 3)),
        (" 2/3 ", None, Part(2, 3)),
        (None, "0/3", Part(1, 3)),
        (None, "2/3", Part(3, 3)),
        ("1/1", None, Part(1, 1)),
    ],
)
def test_both_flags_name_a_part(shard: str | None, index: str | None, part: Part | None) -> None:
    assert part_of(FleetOptions(shard=shard, shard_index=index), {}, {}) == part


@pytest.mark.parametrize(
    ("shard", "index", "words"),
    [
        ("0/3", None, "of 3 parts counted from 1 the last is 3"),
        ("4/3", None, "of 3 parts counted from 1 the last is 3"),
        (None, "3/3", "of 3 parts counted from 0 the last is 2"),
        (None, "0/0", "there is no part of none"),
        ("1/0", None, "there is no part of none"),
        ("2", None, "it takes I/N"),
        ("1/3/5", None, "it takes I/N"),
        ("-1/3", None, "it takes I/N"),
        ("1.5/3", None, "it takes I/N"),
        ("a/b", None, "it takes I/N"),
        ("\u0663/3", None, "it takes I/N"),
        (None, "/3", "a number is empty"),
        ("1/", None, "a number is empty"),
        ("", None, "a number is empty"),
        ("1/3", "0/3", "exclude each other"),
    ],
)
def test_nonsense_is_refused(shard: str | None, index: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        part_of(FleetOptions(shard=shard, shard_index=index))
