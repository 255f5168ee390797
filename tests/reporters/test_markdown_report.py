"""The report for a pull request: what it says, and that nothing in it acts."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.report import Report
from mcpverify.reporters import FORMATS, render
from mcpverify.reporters.markdown_report import MAX_CHARACTERS
from mcpverify.reporters.presentation import Presentation
from tests.reporters.report_samples import (
    CHANGED,
    COMPARISONS,
    EXIT_CODES,
    HOSTILE,
    MANY_CHANGED,
    SAMPLES,
)
from tests.reporters.test_inert_markdown import ACTIVE, tokens


def rendered(report: Report | Comparison) -> str:
    return render("markdown", report, Presentation(EXIT_CODES[report.verdict]))


def respoken(value: Any, words: str) -> Any:
    """`value` with everything that the hostile sample says in other words."""
    if type(value) is str:  # no word of an enumeration
        return value.replace(HOSTILE, words)
    if isinstance(value, tuple):
        return tuple(respoken(each, words) for each in value)
    if isinstance(value, list):
        return [respoken(each, words) for each in value]
    if isinstance(value, dict):
        return {respoken(key, words): respoken(each, words) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{each.name: respoken(getattr(value, each.name), words) for each in fields(value)},
        )
    return value


def test_it_is_a_format() -> None:
    assert "markdown" in FORMATS


@pytest.mark.parametrize("name", ["passed", "changed", "refused", "hostile", "many-changed"])
def test_the_report_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.md", rendered(SAMPLES[name]))


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_comparison_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.md", rendered(COMPARISONS[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_verdict_comes_first(name: str) -> None:
    first = rendered(SAMPLES[name]).splitlines()[0]
    assert first.startswith(("## ", "### "))
    assert first.removeprefix("#").lstrip("#").split()[0].rstrip(":") in ("PASS", "FAIL", "NO")


@pytest.mark.parametrize("words", [HOSTILE, *ACTIVE])
def test_hostile_strings_act_on_nothing(words: str) -> None:
    text = rendered(respoken(SAMPLES["hostile"], words))
    _assert_harmless(text)
    assert len(text) < MAX_CHARACTERS


@pytest.mark.parametrize("words", [HOSTILE, *ACTIVE])
def test_hostile_strings_act_on_nothing_in_a_comparison(words: str) -> None:
    text = rendered(respoken(COMPARISONS["hostile-compared"], words))
    _assert_harmless(text)
    assert len(text) < MAX_CHARACTERS


def _assert_harmless(text: str) -> None:
    lines = text.removesuffix("\n").split("\n")
    assert all(line.isprintable() or not line for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert "##[" not in text
    for token in tokens(text):
        assert token.type not in ("link_open", "image", "html_inline", "hr", "code_block", "s_open")
        if token.type == "html_block":
            inside = token.content.replace("<details><summary>", "").replace("</details>", "")
            inside = inside.replace("</summary>", "").replace("<code>", "").replace("</code>", "")
            assert not set("<>&@#`") & set(inside)
        if token.type == "text":
            assert not set("@#$<>[]~`\\") & set(token.content)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_fits_into_one_comment(name: str) -> None:
    assert len(rendered(SAMPLES[name])) < MAX_CHARACTERS


def test_thousands_of_changed_tools_fit_into_one_comment() -> None:
    (target,) = SAMPLES["many-changed"].targets
    old = COMPARISONS["compared"]
    assert len(rendered(replace(old, tools=target.tools * 20))) < MAX_CHARACTERS


def test_a_whole_fleet_that_fails_fits_into_one_comment() -> None:
    text = rendered(Report((MANY_CHANGED, CHANGED) * 100))
    assert MAX_CHARACTERS // 2 < len(text) < MAX_CHARACTERS
    assert "are left out here" in text
    assert text.count("<details>") == text.count("</details>")


def test_what_breaks_is_shown_before_what_does_not() -> None:
    text = rendered(Report((CHANGED,)))
    assert text.index("snapshot takes") < text.index("<details>")
    assert "live refuses" in text
    assert text.index("**breaking**") < text.index("**behavioral**")


def test_a_comparison_speaks_of_old_and_new() -> None:
    text = rendered(COMPARISONS["compared"])
    assert "old takes" in text
    assert "new refuses" in text
    assert "snapshot takes" not in text


def test_calls_that_are_left_out_are_counted() -> None:
    text = rendered(Report((MANY_CHANGED,)))
    shown = text.count("\n#### ")
    assert f"*… and {300 - shown:,} more ({300 - shown:,} breaking); all is in" in text
