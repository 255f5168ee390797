"""All documents and recipes: links lead somewhere, commands are understood, figures are so."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import cmarkgfm
import pytest

from mcpverify import __version__
from mcpverify.cli.explanations import all_topics, found, listed_names
from mcpverify.reporters import FORMATS
from tests import documents
from tests.documents import CHECKOUT, Link, name_of

DOCUMENTS = documents.documents()
BOTH = [*DOCUMENTS, *documents.recipes()]
GENERATE = documents.generator()
CONTRIBUTING = documents.text_of("CONTRIBUTING.md")
HOSTS = {
    "127.0.0.1",
    "github.com",
    "keepachangelog.com",
    "modelcontextprotocol.io",
    "semver.org",
    # of the recipes: names inside of a host or a cluster
    "blue",
    "green",
    "flagger-loadtester.default",
}
EXAMPLE = "tools-described"  # the check that CONTRIBUTING has one add
LINES = [(name_of(path), line) for path in BOTH for line in documents.commands_of(path)]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    for link in documents.links(_text(path)):
        if link.is_external:
            assert_well_formed(link)
            continue
        target = (path.parent / link.path).resolve() if link.path else path
        assert target.exists(), link.href
        assert target.is_relative_to(CHECKOUT), link.href
        if link.anchor and target.suffix == ".md":
            assert link.anchor in documents.anchors(_text(target)), link.href


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_tables_are_whole(path: Path) -> None:
    tables = documents.tables(_text(path))
    # GitHub fills up a row that is too short, and cuts one that is too long, without a word.
    for rows in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1, rows
    html = cmarkgfm.github_flavored_markdown_to_html(_text(path))
    assert html.count("<table>") == len(tables)
    prose = re.sub(r"<pre.*?</pre>|<table>.*?</table>", "", html, flags=re.DOTALL)
    assert not re.search(r"^(<p>)?\|", prose, re.MULTILINE)


def assert_well_formed(link: Link) -> None:
    parts = urlsplit(link.href)
    assert parts.scheme == "https", link.href
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc), link.href
    assert re.fullmatch(r"[!-~]+", link.href), link.href


@pytest.mark.parametrize("path", BOTH, ids=name_of)
def test_only_known_hosts_are_named(path: Path) -> None:
    # A slip of the pen is another host, and what an example does must reach nobody.
    for host in re.findall(r"https?://(?:\w+@)?([\w.-]+)", _text(path)):
        assert host in HOSTS or re.fullmatch(r"([\w-]+\.)*example\.com", host), host


def test_anchors_are_those_of_github() -> None:
    text = "# Ask `explain`, then _go_\n## A [link](b.md): 1.2 & 3\n## Twice\n## Twice\n"
    assert documents.anchors(text) == {
        "ask-explain-then-go",
        "a-link-12--3",
        "twice",
        "twice-1",
    }


def test_links_in_code_are_no_links() -> None:
    assert documents.links("`[a](b)` and [c](d#e)\n\n```\n[f](g)\n```\n") == [Link("d", "e")]


@pytest.mark.parametrize(("name", "line"), LINES, ids=[f"{name}: {line}" for name, line in LINES])
def test_a_command_is_understood(name: str, line: str) -> None:
    invocation = documents.understood(line)
    formats = documents.values_of(invocation, "--format")
    formats += [each.partition("=")[0] for each in documents.values_of(invocation, "--report")]
    assert set(formats) <= set(FORMATS) | {"1"}
    if invocation.arguments[0] == "explain":
        for asked in invocation.arguments[1:]:
            assert found(asked) or asked in ("ID", EXAMPLE)


def test_commands_are_found_wherever_they_stand() -> None:
    shell = (
        "FOO=1 uvx mcpverify@0.1.0 check a.example \\\n  --wait 2m || code=$? # mcpverify no\n"
        "pip install mcpverify==0.1.0\n"
        'if ! mcpverify diff a b 2> err; then x="$(mcpverify explain 3)"; fi\n'
        "docker run --rm image/mcpverify check b.example > out\n"
        "command -v mcpverify\n# it's no quotation\nls # nor's this\nmcpverify chekc c.example\n"
        'echo "  mcpverify init d.example"'
    )
    assert sorted(documents.commands_in(f"```sh\n{shell}\n```\n")) == [
        "mcpverify check a.example --wait 2m",
        "mcpverify check b.example",
        "mcpverify chekc c.example",
        "mcpverify diff a b",
        "mcpverify explain 3",
        "mcpverify init d.example",
    ]


def test_commands_are_found_in_yaml() -> None:
    text = (
        "```yaml\njobs:\n  - run: |\n      mcpverify check ${{ inputs.url }}\n"
        "  - command: [mcpverify]\n    args: [check, a.example]\n"
        "  - command: [mcpverify, diff, a, b]\n```\n"
    )
    assert documents.commands_in(text) == [
        "mcpverify check 1",
        "mcpverify check a.example",
        "mcpverify diff a b",
    ]


@pytest.mark.parametrize("line", ["mcpverify chekc x", "mcpverify check x --wiat 2m"])
def test_a_wrong_command_would_be_seen(line: str) -> None:
    with pytest.raises(Exception, match=r"chekc|wiat"):
        documents.understood(line)


@pytest.mark.parametrize("path", BOTH, ids=name_of)
def test_the_version_that_is_pinned_is_this_one(path: Path) -> None:
    pins = re.findall(r"mcpverify(?:==|@v?|:)(\d[\w.]*\w)", _text(path))
    assert set(pins) <= {__version__}


def test_the_version_is_pinned_somewhere() -> None:
    assert any(f"mcpverify=={__version__}" in _text(path) for path in BOTH)


@pytest.mark.parametrize("name", GENERATE.PARTS)
def test_a_generated_part_is_what_the_code_says_now(name: str) -> None:
    holders = [path for path in DOCUMENTS if f"<!-- generated: {name} -->" in _text(path)]
    assert holders
    for path in holders:
        assert GENERATE.part(name) in _text(path), f"{name_of(path)}: run make docs"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_generated_part_is_known_to_the_generator(path: Path) -> None:
    names = re.findall(r"^<!-- generated: (\S+) -->", _text(path), re.MULTILINE)
    assert set(names) <= set(GENERATE.PARTS) or path.name == "why-not-curl.md"
    assert names == re.findall(r"^<!-- end of (\S+) -->", _text(path), re.MULTILINE)
    assert not names or path in GENERATE.DOCUMENTS


def test_the_reference_has_all_that_can_be_explained() -> None:
    text = documents.text_of("docs/reference.md")
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    assert html.count("<h3>") == len(all_topics())
    assert html.count("<li>") == sum(len(topic.notes) for topic in all_topics())
    assert documents.anchors(text) >= set(listed_names().values())


def test_the_make_targets_that_are_promised_exist() -> None:
    makefile = documents.text_of("Makefile")
    shell = "".join(block for path in DOCUMENTS for block in documents.blocks(_text(path), "sh"))
    promised = set(re.findall(r"^make ([a-z-]+)", shell, re.MULTILINE))
    assert promised >= {"demo", "test", "lint", "fuzz", "peers", "bench", "docs"}
    assert promised <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_every_dependency_is_named_with_its_reason() -> None:
    project = tomllib.loads(documents.text_of("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    section = CONTRIBUTING.partition("\n## Dependencies\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+) \|$", section, re.MULTILINE)
    named = [name for cell, _ in rows for name in re.findall(r"`([\w-]+)`", cell)]
    assert sorted(named) == sorted(re.split(r"[^\w-]", each)[0] for each in wanted)
    assert all(len(reason) > 3 for _, reason in rows)


@pytest.mark.parametrize("path", BOTH, ids=name_of)
def test_a_document_says_nothing_of_the_machine_it_was_made_on(path: Path) -> None:
    assert not re.search(r"/work/|/tmp/\w|/root\b|/home/(?!user)", _text(path))


def test_every_document_can_be_reached_from_readme() -> None:
    seen: set[Path] = set()
    ahead = [CHECKOUT / "README.md"]
    while ahead:
        path = ahead.pop()
        seen.add(path)
        for link in documents.links(_text(path)):
            target = (path.parent / link.path).resolve()
            if not link.is_external and target in DOCUMENTS and target not in seen:
                ahead.append(target)
    assert {name_of(path) for path in set(DOCUMENTS) - seen} == set()
