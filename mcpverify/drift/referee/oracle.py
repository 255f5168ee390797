"""The referee: whether a schema accepts a value, by a library that others wrote and proved.

What drift claims of a value, it has asked here, under both schemas. The oracle takes the
schema in the dialect it declares, fetches nothing, asserts no `format`, and ends: where
the budget is spent, or the answer would be a guess, it is silent and gives the reason.
The library is loaded with the first question: a run without a difference asks none.
"""

from typing import Any

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.dialect import Dialect, understood_dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import dialect


class Oracle:
    """One schema, to be asked about many values; all of them spend the same budget."""

    __slots__ = ("_budget", "_schema", "_validator")

    def __init__(self, schema: Json, budget: Budget) -> None:
        self._schema = schema
        self._budget = budget
        self._validator: Any = None

    def refusal(self, value: Json) -> str | None:
        """None where the schema accepts `value`, else why not, in one sentence for people.

        It begins with the place in `value`, unless that is the root: `at /mode: 'fuzzy' is
        not one of ['fast', 'full']`. Raises OracleSilent, and nothing else.
        """
        from mcpverify.drift.patterns.unsupported import Unsupported
        from mcpverify.drift.referee.dialects import LIBRARY_ERRORS
        from mcpverify.drift.referee.refusal_text import told

        try:
            self._budget.spend(1 + _weight(value) // 16)
            errors = list(self._ready().iter_errors(value))
            return told(errors) if errors else None
        except Exhausted as error:
            raise OracleSilent(f"the budget is spent: {error}") from None
        except RecursionError:
            raise OracleSilent("the schema or the value nests too deep") from None
        except Unsupported as error:
            raise OracleSilent(f"a pattern is not decided: {error}") from None
        except LIBRARY_ERRORS:
            raise OracleSilent("the schema is not valid") from None

    def _ready(self) -> Any:
        if self._validator is None:
            from mcpverify.drift.referee.dialects import validator_of

            if not isinstance(self._schema, dict | bool):
                raise OracleSilent("the schema is not valid")
            whole: dict[str, Json] = {"allOf": [self._schema]}
            schema = self._schema if isinstance(self._schema, dict) else whole
            self._validator = validator_of(schema, _dialect(schema), self._budget)
        return self._validator


def _dialect(schema: Json) -> Dialect:
    known = understood_dialect(dialect(schema))
    if known is None:
        raise OracleSilent("its dialect is not known here")
    return known


def _weight(value: Json) -> int:
    """How large `value` is: its parts, and the characters of its texts."""
    weight = 0
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as members:
                weight += sum(1 + len(name) for name in members)
                pending += members.values()
            case list() as items:
                weight += len(items)
                pending += items
            case str() as text:
                weight += len(text)
            case int() as number:
                weight += number.bit_length() // 4
            case _:
                pass
    return weight
