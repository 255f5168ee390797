"""What all validators of one judgement share: the budget, and where references lead."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from jsonschema.exceptions import ValidationError

from mcpverify.drift.budget import Budget
from mcpverify.drift.patterns.language import matches, pattern_language
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.dialect import Dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import subschemas
from mcpverify.facts.schema_references import Miss, References

Validator: TypeAlias = Any  # an instance of a class that `jsonschema` builds
Errors: TypeAlias = Iterable[ValidationError]
Keyword: TypeAlias = Callable[[Validator, Any, Any, Any], Errors]

REFERENCES: Final = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_IDENTIFIERS: Final = 20_000  # characters of all `$id`s in a document: each may be joined often


class Session:
    """What the validators of one judgement share: the budget, and where references lead."""

    __slots__ = ("_base", "_references", "_schema", "_targets", "budget", "dialect")

    def __init__(self, schema: dict[str, Json], dialect: Dialect, budget: Budget) -> None:
        self.budget = budget
        self.dialect = dialect
        self._schema = schema
        self._base: str | None = None
        self._references: References | None = None
        self._targets: dict[str, Json] = {}

    def begin(self, validator: Validator) -> None:
        """Notes the validator of the document itself."""
        self._base = validator._resolver._base_uri

    def target(self, validator: Validator, reference: str) -> Json:
        """The schema that a reference met by `validator` leads to; None: the library knows."""
        if self._references is None:
            self._index()
        if self._base is None or validator._resolver._base_uri != self._base:
            return None
        if reference not in self._targets:
            self._targets[reference] = self._found(reference)
        return self._targets[reference]

    def weigh_identifiers(self) -> None:
        """Raises OracleSilent where the identifiers are too long to be joined time and again."""
        if self._references is None:
            self._index()

    def _found(self, reference: str) -> Json:
        assert self._references is not None
        found = self._references.target(self._references.root, reference)
        if found is Miss.METASCHEMA:
            return None
        if isinstance(found, Miss):
            raise OracleSilent("a reference leads to nothing in the schema")
        if not isinstance(found.value, dict | bool):
            raise OracleSilent("a reference leads to something that is no schema")
        return found.value

    def _index(self) -> None:
        keyword = "id" if self.dialect is Dialect.DRAFT_04 else "$id"
        length = places = 0
        several = False
        for place in subschemas(self._schema):
            places += 1
            identifier = place.schema.get(keyword)
            if isinstance(identifier, str):
                length += len(identifier)
                if place.parent is not None and identifier.partition("#")[0]:
                    several = True
        self.budget.spend(1 + places // 8)
        if length > _IDENTIFIERS:
            raise OracleSilent("its identifiers are too long")
        if several:
            self._base = None
        self._references = References(self._schema, self.dialect)


def session_of(validator: Validator) -> Session:
    """The session that a validator belongs to."""
    # The one field that a validator hands on to those it makes, and that nothing else reads.
    session: Session = validator.format_checker
    return session


def accepts(validator: Validator, instance: Any, schema: Any) -> bool:
    """Whether a schema inside the validator's accepts `instance`."""
    return next(iter(validator.descend(instance, schema)), None) is None


def finds(validator: Validator, pattern: str, text: str) -> bool:
    """Whether the expression of ECMA-262 finds a match in `text`."""
    return matches(pattern_language(pattern), text, session_of(validator).budget)


def target_of(validator: Validator, reference: str) -> Json:
    """The schema that a reference leads to; None where only the library knows."""
    session = session_of(validator)
    steps = reference.count("/")
    session.budget.spend((steps * steps + len(reference)) // 64)
    return session.target(validator, reference)
