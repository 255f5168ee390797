"""Values as JSON Schema compares them, where Python would not."""

from decimal import Decimal
from typing import Any

from mcpverify.drift.budget import Budget
from mcpverify.facts.json_text import Json


def same(one: Json, other: Json, budget: Budget) -> bool:
    """Whether two values are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return False
        budget.spend(1 + len(one) // 16)
        return all(same(one[index], other[index], budget) for index in range(len(one)))
    if isinstance(one, dict):
        if not isinstance(other, dict) or one.keys() != other.keys():
            return False
        budget.spend(1 + len(one) // 16)
        return all(same(value, other[name], budget) for name, value in one.items())
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def identity(value: Json, budget: Budget) -> object:
    """Something hashable that two values share if and only if they are equal in JSON."""
    match value:
        case bool():
            return (value,)
        case list():
            budget.spend(1 + len(value) // 16)
            return ("list", *(identity(each, budget) for each in value))
        case dict():
            budget.spend(1 + len(value) // 16)
            return frozenset((name, identity(each, budget)) for name, each in value.items())
        case _:
            return value


def is_number(value: Any) -> bool:
    """Whether it is a number of JSON, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_multiple(number: float, divisor: float) -> bool:
    """Whether `number` is a multiple of `divisor`, in decimals, as both are written."""
    if isinstance(number, int) and isinstance(divisor, int):
        return number % divisor == 0
    (digits, exponent), (others, another) = _decimal(number), _decimal(divisor)
    least = min(exponent, another)
    shifted: int = digits * 10 ** (exponent - least)
    divided: int = others * 10 ** (another - least)
    return shifted % divided == 0


def _decimal(number: float) -> tuple[int, int]:
    """`number` as digits and the power of ten that they are multiplied with."""
    if isinstance(number, int):
        return number, 0
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("no number of JSON")
    return int("".join(map(str, digits))) * (-1 if sign else 1), exponent
