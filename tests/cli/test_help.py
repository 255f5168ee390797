"""Help texts lead with examples: they stand directly after the first sentence."""

import re

import pytest

from mcpverify.cli.app import COMMANDS
from tests.conftest import Mcpverify


@pytest.mark.parametrize("words", [(), *((command,) for command in COMMANDS)], ids=" ".join)
def test_a_help_text_leads_with_examples(mcpverify: Mcpverify, words: tuple[str, ...]) -> None:
    run = mcpverify(*words, "--help")

    assert (run.code, run.stderr) == (0, "")
    usage, sentence, examples, *rest = run.stdout.split("\n\n")
    assert usage.startswith(f"Usage: {' '.join(('mcpverify', *words))} ")
    assert re.search(r"[.?]", sentence.strip()), "it ends"
    assert len(re.findall(r"[.?](?: |$)", " ".join(sentence.split()))) == 1, "it is one"
    heading, *lines = examples.splitlines()
    assert heading.strip() == "Examples:"
    assert lines
    assert all(line.split()[0] == "mcpverify" for line in lines)
    assert all(line.split()[1 : 1 + len(words)] == list(words) for line in lines)
    assert any(part.startswith("Options:") for part in rest)
