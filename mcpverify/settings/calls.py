"""Golden calls as a file lists them."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mcpverify.facts.credentials import of_variable
from mcpverify.facts.durations import seconds_of
from mcpverify.facts.golden_call import Condition, GoldenCall, RetryReason
from mcpverify.settings.merging import MergedTarget
from mcpverify.settings.places import Key
from mcpverify.settings.problem import Problem
from mcpverify.settings.rules import duration_problem, reference_problems, value_problems
from mcpverify.settings.variables import Environment


def calls_of(target: MergedTarget, environment: Environment) -> tuple[GoldenCall, ...]:
    """The calls of a target, in the order of the file."""
    calls = target.table.get("calls", ())
    return tuple(
        _call(call, label, target.key("calls", at), environment)
        for at, (call, label) in enumerate(zip(calls, _labels(calls), strict=True))
    )


def _call(call: Mapping[str, Any], label: str, key: Key, environment: Environment) -> GoldenCall:
    budget = call.get("max-latency")
    known = len(environment.read)
    arguments = environment.value(call.get("arguments", {}), (*key, "arguments"))
    conditions = tuple(
        _condition(each, (*key, "expect", at), environment)
        for at, each in enumerate(call.get("expect", ()))
    )
    return GoldenCall(
        tool=call["tool"],
        label=label,
        arguments=arguments,
        conditions=conditions,
        expects_error=call.get("expect-error", False),
        mutates=call.get("mutates", False),
        max_seconds=None if budget is None else seconds_in(budget),
        retries=call.get("retries", 0),
        retry_on=tuple(RetryReason(each) for each in call.get("retry-on", ())),
        secrets=tuple(
            dict.fromkeys(
                secret
                for name, value in environment.read[known:]
                for secret in of_variable(name, value)
            )
        ),
    )


def _condition(condition: Mapping[str, Any], key: Key, environment: Environment) -> Condition:
    equals: tuple[Any, ...] = ()
    if "equals" in condition:
        equals = (environment.value(condition["equals"], (*key, "equals")),)
    return Condition(
        path=condition.get("path"),
        equals=equals,
        matches=condition.get("matches"),
        least=condition.get("at-least"),
        most=condition.get("at-most"),
        absent=condition.get("absent", False),
    )


def seconds_in(value: str | float) -> float:
    """Seconds of a duration, which is a text or a number."""
    return seconds_of(value) if isinstance(value, str) else float(value)


def _labels(calls: Any) -> list[str]:
    """The tool of each call, with a number from the second call of it on; or what it is named."""
    labels = []
    times: Counter[str] = Counter()
    for call in calls:
        tool = call["tool"]
        times[tool] += 1
        label = tool if times[tool] == 1 else f"{tool} #{times[tool]}"
        labels.append(call.get("label", label))
    return labels


def broken_calls(target: MergedTarget) -> Iterator[Problem]:
    """What is wrong with calls that the schema has nothing against."""
    calls = target.table.get("calls", ())
    seen: set[str] = set()
    for at, (call, label) in enumerate(zip(calls, _labels(calls), strict=True)):
        key = target.key("calls", at)
        if label in seen:
            yield Problem((*key, "label"), f"another call is named {label}, too")
        seen.add(label)
        if call.get("retries", 0) and not call.get("retry-on"):
            yield Problem((*key, "retries"), "it needs retry-on: a call is repeated for a reason")
        if call.get("retry-on") and not call.get("retries", 0):
            yield Problem((*key, "retry-on"), "it needs retries: how often it may be repeated")
        yield from duration_problem(call.get("max-latency"), (*key, "max-latency"))
        arguments = call.get("arguments", {})
        yield from value_problems(arguments, (*key, "arguments"))
        yield from reference_problems(arguments, (*key, "arguments"))
        for index, condition in enumerate(call.get("expect", ())):
            yield from _broken_condition(condition, (*key, "expect", index))


def _broken_condition(condition: Mapping[str, Any], key: Key) -> Iterator[Problem]:
    wanted = condition.keys() - {"path", "absent"}
    if condition.get("absent"):
        if "path" not in condition:
            yield Problem(key, "absent needs a path")
        for name in sorted(wanted):
            yield Problem((*key, name), f"absent and {name} exclude each other")
    elif not wanted and "path" not in condition:
        yield Problem(key, "it wants nothing")
    least, most = condition.get("at-least"), condition.get("at-most")
    for name, bound in (("at-least", least), ("at-most", most)):
        if bound is not None and not math.isfinite(bound):
            yield Problem((*key, name), "JSON has no such number")
    if least is not None and most is not None and least > most:
        yield Problem((*key, "at-least"), "it is more than at-most")
    if "equals" in condition:
        yield from value_problems(condition["equals"], (*key, "equals"))
        yield from reference_problems(condition["equals"], (*key, "equals"))
