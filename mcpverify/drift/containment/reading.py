"""Reads a schema into forms: each of its schemas once, in its dialect, references followed."""

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import (
    ANYTHING,
    NOTHING,
    Condition,
    Contains,
    Form,
    Range,
    exact,
    is_number,
    new_form,
)
from mcpverify.drift.validity.schema_shapes import SHAPES
from mcpverify.facts.dialect import Dialect, understood_dialect
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.schema import Place, dialect
from mcpverify.facts.schema_references import References
from mcpverify.facts.schema_references import Target as Referred


def read(schema: Json, budget: Budget) -> Form:
    """`schema` and all that it holds or refers to, as forms. Raises Exhausted."""
    if schema is True:
        return ANYTHING
    if not isinstance(schema, dict):
        return NOTHING if schema is False else _opaque("a schema that is none")
    known = understood_dialect(dialect(schema))
    if known is None:
        return _opaque("$schema")
    return _Reader(schema, known, budget).root()


def _opaque(keyword: str) -> Form:
    form = new_form()
    form.opaque = ((keyword, ""),)
    return form


def _meaning(keyword: str, value: Json) -> tuple[str, str]:
    """A keyword that is not modelled, and what its value says by itself."""
    text = "" if keyword.startswith("$") else canonical_text(value)
    return keyword, "" if 'Ref"' in text or '"$ref"' in text else text


# Keywords that refuse something and are not modelled.
_UNMODELLED: Final = frozenset(
    {"unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$recursiveRef"}
)
_ANNOTATIONS: Final = frozenset(
    {"title", "description", "default", "examples", "format", "$comment", "deprecated", "readOnly"}
    | {"writeOnly", "contentEncoding", "contentMediaType", "contentSchema"}
)
_CONJUNCTIVE: Final = frozenset({"allOf", "$ref"})
_UNEVALUATED: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})
# Beside one of these it depends on the value what is evaluated.
_IN_PLACE: Final = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "if", "$ref", "$dynamicRef", "$recursiveRef"}
    | {"dependentSchemas", "dependencies"}
)


class _Reader:
    """Reads one document, each schema of it once, without recursion."""

    def __init__(self, schema: dict[str, Json], known: Dialect, budget: Budget) -> None:
        self._schema = schema
        self._dialect = known
        self._shapes = SHAPES[known]
        self._known = self._shapes.keys() | {"default"}
        if known >= Dialect.D2019_09:
            self._known -= {"dependencies"}  # its metaschema knows it still, and it says nothing
        if known > Dialect.DRAFT_04:
            self._known |= {"const"}
        self._budget = budget
        self._references: References | None = None
        self._forms: dict[int, Form] = {}
        self._unevaluated: dict[Form, Form] = {}
        self._pending: deque[tuple[Form, Place]] = deque()

    def root(self) -> Form:
        form = self._form(Place(self._schema, None, ()))
        while self._pending:
            self._fill(*self._pending.popleft())
        for each, rest in self._unevaluated.items():
            self._evaluate(each, rest)
        return form

    def _evaluate(self, form: Form, rest: Form) -> None:
        """Spells out `unevaluatedProperties` where nothing depends on the value."""
        together: dict[Form, None] = {}
        pending = [form]
        while pending:
            each = pending.pop()
            if each not in together:
                self._budget.spend()
                together[each] = None
                pending += each.conjuncts
        if any(
            each.any_of
            or each.one_of
            or each.opaque
            or each.negated is not None
            or each.condition is not None
            or each.dependent_schemas
            for each in together
        ):
            form.opaque = (*form.opaque, ("unevaluatedProperties", ""))
            return
        others = self._unevaluated.keys() & together.keys() - {form}
        if others or any(each.additional is not None for each in together):
            return  # all properties are evaluated then
        guard = new_form()
        guard.properties = {name: ANYTHING for each in together for name in each.properties}
        guard.pattern_properties = tuple(
            (pattern, ANYTHING) for each in together for pattern, _ in each.pattern_properties
        )
        guard.additional = rest
        form.all_of = (*form.all_of, guard)

    def _is_of_another_dialect(self, place: Place) -> bool:
        """Whether a schema within the root declares a dialect that the root does not."""
        if place.parent is None or "$schema" not in place.schema:
            return False
        return understood_dialect(dialect(place.schema)) is not self._dialect

    def _form(self, place: Place) -> Form:
        known = self._forms.get(id(place.schema))
        if known is None:
            known = self._forms[id(place.schema)] = new_form()
            self._pending.append((known, place))
        return known

    def _inner(self, place: Place, value: Json, *steps: str | int) -> Form:
        if isinstance(value, dict):
            return self._form(Place(value, place, steps))
        if isinstance(value, bool):
            return ANYTHING if value else NOTHING
        return _opaque("/".join(map(str, steps)))

    def _fill(self, form: Form, place: Place) -> None:
        schema = place.schema
        self._budget.spend(1 + len(schema))
        if self._is_of_another_dialect(place):
            # Read by our rules it might say what it does not: only its like is understood.
            form.opaque = (_meaning("another dialect", schema),)
            return
        opaque: list[str] = []
        if "$ref" in schema and isinstance(schema["$ref"], str):
            self._refer(form, place, schema["$ref"], opaque)
            if self._dialect < Dialect.D2019_09:
                form.opaque = tuple(_meaning(each, schema[each]) for each in opaque)
                return  # what stands beside a reference is ignored
        for keyword, value in schema.items():
            shape = self._shapes.get(keyword) if keyword in self._known else None
            if shape is None or keyword in _ANNOTATIONS:
                continue
            if keyword == "required" and _are_strings(value):
                continue  # a name that stands there twice is required all the same
            if not shape.fits(value):
                opaque.append(keyword)
            elif keyword in _UNMODELLED and not self._plain(keyword, schema):
                if keyword == "unevaluatedProperties" and _CONJUNCTIVE.issuperset(
                    each for each in _IN_PLACE if each in schema
                ):
                    self._unevaluated[form] = self._inner(place, value, keyword)
                else:
                    opaque.append(keyword)
        unevaluated = schema.get("unevaluatedProperties", False)
        form.opens_unevaluated = self._has(schema, "unevaluatedProperties") and (
            unevaluated is not False
        )
        form.opaque = tuple(_meaning(each, schema[each]) for each in opaque)
        known = {
            keyword: value
            for keyword, value in schema.items()
            if keyword in self._known and keyword not in opaque
        }
        self._values(form, known)
        self._arrays(form, place, known)
        self._objects(form, place, known)
        self._combinators(form, place, known)

    def _plain(self, keyword: str, schema: dict[str, Json]) -> bool:
        """Whether `unevaluated...` says no more than `additionalProperties` or `items` would."""
        if keyword not in _UNEVALUATED or any(each in schema for each in _IN_PLACE):
            return False
        return keyword == "unevaluatedProperties" or "contains" not in schema

    def _has(self, schema: dict[str, Json], keyword: str) -> bool:
        return keyword in self._known and keyword in schema

    def _refer(self, form: Form, place: Place, reference: str, opaque: list[str]) -> None:
        if self._references is None:
            self._references = References(self._schema, self._dialect)
        self._budget.spend(1 + len(reference) // 16)
        target = self._references.target(self._references.resource_of(place), reference)
        if not isinstance(target, Referred):
            opaque.append("$ref")
        elif target.place is not None:
            form.reference = self._form(target.place)
        elif isinstance(target.value, bool):
            form.reference = ANYTHING if target.value else NOTHING
        else:
            opaque.append("$ref")

    def _values(self, form: Form, known: dict[str, Json]) -> None:
        type_ = known.get("type")
        if type_ is not None:
            types = {type_} if isinstance(type_, str) else set(map(str, _list(type_)))
            form.integral = "integer" in types and "number" not in types
            form.types = frozenset("number" if each == "integer" else each for each in types)
        finite = []
        if "enum" in known:
            finite.append(tuple(_list(known["enum"])))
        if "const" in known:
            finite.append((known["const"],))
        form.limit_to(*finite)
        self._budget.spend(sum(map(len, finite)))
        form.range = self._range(known)
        step = known.get("multipleOf")
        form.multiples = (exact(step),) if is_number(step) else ()
        form.min_length = _count(known, "minLength") or 0
        form.max_length = _count(known, "maxLength")
        pattern = known.get("pattern")
        form.patterns = (pattern,) if isinstance(pattern, str) else ()
        examples = known.get("examples")
        form.hints = (
            *([known["default"]] if "default" in known else []),
            *(_list(examples)[:3] if isinstance(examples, list) else ()),
        )

    def _range(self, known: dict[str, Json]) -> Range:
        low, low_open = _bound(known, "minimum", "exclusiveMinimum", max)
        high, high_open = _bound(known, "maximum", "exclusiveMaximum", min)
        return Range(low, low_open, high, high_open)

    def _arrays(self, form: Form, place: Place, known: dict[str, Json]) -> None:
        items, rest = known.get("items"), "items"
        prefix, keyword = known.get("prefixItems"), "prefixItems"
        if isinstance(items, list):
            prefix, keyword, items, rest = items, "items", None, "additionalItems"
            items = known.get("additionalItems")
        if isinstance(prefix, list):
            form.prefix = tuple(
                self._inner(place, each, keyword, index) for index, each in enumerate(prefix)
            )
        if items is None and "unevaluatedItems" in known:
            items, rest = known["unevaluatedItems"], "unevaluatedItems"
        if items is not None:
            form.items = self._inner(place, items, rest)
        if "contains" in known:
            least = _count(known, "minContains")
            form.contains = Contains(
                self._inner(place, known["contains"], "contains"),
                1 if least is None else least,
                _count(known, "maxContains"),
            )
        form.min_items = _count(known, "minItems") or 0
        form.max_items = _count(known, "maxItems")
        form.unique = known.get("uniqueItems") is True

    def _objects(self, form: Form, place: Place, known: dict[str, Json]) -> None:
        form.properties = self._named(place, known, "properties")
        form.declares = "properties" in known
        form.pattern_properties = tuple(self._named(place, known, "patternProperties").items())
        if form in self._unevaluated:
            known.pop("unevaluatedProperties")
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if keyword in known and form.additional is None:
                form.additional = self._inner(place, known[keyword], keyword)
        if "propertyNames" in known:
            form.names = self._inner(place, known["propertyNames"], "propertyNames")
        form.min_properties = _count(known, "minProperties") or 0
        form.max_properties = _count(known, "maxProperties")
        form.required = tuple(map(str, _list(known.get("required"))))
        dependent = {**_dict(known.get("dependentRequired")), **_dict(known.get("dependencies"))}
        form.dependent_required = {
            key: tuple(map(str, names))
            for key, names in dependent.items()
            if isinstance(names, list)
        }
        form.dependent_schemas = self._named(place, known, "dependentSchemas")
        form.dependent_schemas |= self._named(place, known, "dependencies")

    def _named(self, place: Place, known: dict[str, Json], keyword: str) -> dict[str, Form]:
        named = _dict(known.get(keyword))
        self._budget.spend(len(named))
        return {
            name: self._inner(place, value, keyword, name)
            for name, value in named.items()
            if keyword != "dependencies" or not isinstance(value, list)
        }

    def _combinators(self, form: Form, place: Place, known: dict[str, Json]) -> None:
        def listed(keyword: str) -> tuple[Form, ...]:
            return tuple(
                self._inner(place, each, keyword, index)
                for index, each in enumerate(_list(known.get(keyword)))
            )

        form.all_of, form.any_of, form.one_of = listed("allOf"), listed("anyOf"), listed("oneOf")
        if "not" in known:
            form.negated = self._inner(place, known["not"], "not")
        if "if" in known:
            form.condition = Condition(
                self._inner(place, known["if"], "if"),
                self._inner(place, known.get("then", True), "then"),
                self._inner(place, known.get("else", True), "else"),
            )


def _count(known: dict[str, Json], keyword: str) -> int | None:
    value = known.get(keyword)
    return int(value) if isinstance(value, int | float) else None


def _bound(
    known: dict[str, Json],
    keyword: str,
    exclusive: str,
    tightest: Callable[[list[Fraction]], Fraction],
) -> tuple[Fraction | None, bool]:
    """The bound that two keywords make together, and whether it is open."""
    bound, other = known.get(keyword), known.get(exclusive)
    if isinstance(other, bool):  # draft 4: a flag on the other keyword
        return (exact(bound), other) if is_number(bound) else (None, False)
    bounds = [
        (exact(value), open_)
        for value, open_ in ((bound, False), (other, True))
        if is_number(value)
    ]
    if not bounds:
        return None, False
    limit = tightest([value for value, _ in bounds])
    return limit, (limit, True) in bounds


def _are_strings(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
