"""pattern: ECMA-262 with the u flag, found anywhere in a string, and what each contains."""

from typing import Any

from tests.drift.cases.case import INTEGER, NUMBER, STRING, Case, array, record, string

_SPACES = r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
_UUID = "^{0}{{8}}-{0}{{4}}-{0}{{4}}-{0}{{4}}-{0}{{12}}$"


def _row(name: str, old: str, new: str, **told: Any) -> Case:
    return Case(f"pattern-{name}", string(pattern=old), string(pattern=new), **told)


CASES = (
    Case("pattern-added", STRING, string(pattern="^https://"), lost="a"),
    Case("pattern-without-a-type", {"pattern": "^a"}, {"pattern": "^ab"}, lost="a"),
    Case("pattern-without-a-type-gains-one", {"pattern": "^a"}, string(pattern="^a"), lost=1),
    Case("pattern-on-integers", INTEGER, {"type": "integer", "pattern": "^a"}),
    _row("class-widened", "^[a-z]+$", "^[a-z0-9]+$", gained="1"),
    _row("class-exchanged", "^[a-z]+$", "^[0-9]+$", lost="a", gained="1"),
    _row("allows-empty", "^[a-z]+$", "^[a-z]*$", gained=""),
    _row("anchored", "[a-z]", "^[a-z]$", lost="ab"),
    _row("anchored-at-its-start", "abc", "^abc", lost="xabc"),
    _row("anchored-at-its-end", "abc", "abc$", lost="abcx"),
    _row("prefix-lengthened", "^a", "^ab", lost="a"),
    _row("of-part-of-the-other", "abc", "b", gained="b"),
    _row("suffix-optional", r"^\w+\.png$", r"^\w+(\.png)?$", gained="a"),
    _row("gains-an-alternative", "^(a|b)$", "^(a|b|c)$", gained="c"),
    _row("alternatives-and-anchors", "^abc|def$", "^(abc|def)$", lost="abcx"),
    _row("group-that-captures-not", "^(abc|def)+$", "^(?:def|abc)+$"),
    _row("group-with-a-name", "^(?<year>[0-9]{4})$", "^[0-9]{4}$"),
    _row("lazy", "^a+?b*?$", "^a+b*$"),
    _row("digits", r"^\d+$", "^[0-9]+$"),
    _row("word-characters", r"^\w+$", "^[A-Za-z0-9_]+$"),
    _row("spaces", r"^\s$", f"^{_SPACES}$"),
    _row("spaces-of-ascii", r"^\s$", r"^[ \t\n\r\f\v]$", lost="\u00a0"),
    _row("negated-classes", r"^\D\W\S$", r"^[^0-9][^A-Za-z0-9_][^\s]$"),
    _row("digits-of-all-scripts", r"^\d+$", r"^\p{Nd}+$", gained="٣"),
    _row("letters-of-all-scripts", r"^[a-z]+$", r"^\p{L}+$", gained="é"),
    _row("capital-letters", r"^\p{Lu}", r"^\p{L}", gained="a"),
    _row("word-characters-of-ascii", r"^\w+$", r"^[\p{L}\p{N}_]+$", gained="é"),
    _row(
        "property-spelled-out",
        r"^\p{Uppercase_Letter}$",
        r"^\p{Lu}$",
    ),
    _row("dot", "^.$", r"^[^\n\r\u2028\u2029]$"),
    _row("dot-to-anything", "^.*$", "^[^]*$", gained="\n"),
    _row("end-before-a-line-feed", "^a$", r"^a\n?$", gained="a\n"),
    _row("hexadecimal-escape", r"^\x41\u0042$", "^AB$"),
    _row("escape-of-an-emoji", r"^\u{1F600}$", r"^\ud83d\ude00$"),
    _row("escape-of-a-slash", r"^\/a\/$", "^/a/$"),
    _row(
        "emoji-in-a-class",
        "^[\U0001f600-\U0001f602]$",
        "^[\U0001f600\U0001f601]$",
        lost="\U0001f602",
    ),
    _row("case", "^[a-z]+$", "^[A-Z]+$", lost="a", gained="A"),
    # Counted.
    _row("counts-narrowed-at-the-start", "^[A-Z]{1,40}$", "^[A-Z]{7,40}$", lost="A"),
    _row("counts-narrowed-to-one", "^[0-9a-f]{7,40}$", "^[0-9a-f]{40}$", lost="0" * 7),
    _row("counts-without-an-end", "^[0-9a-f]{7,40}$", "^[0-9a-f]{7,}$", gained="0" * 41),
    _row("counts-split", "^[0-9a-f]{7,40}$", "^[0-9a-f]{7}[0-9a-f]{0,33}$"),
    _row("counts-unanchored", "[0-9a-f]{7,40}", "[0-9a-f]{7}"),
    _row("counts-spelled-out", "^a{2,4}$", "^aa(a(a)?)?$"),
    _row("counts-nested", "^(a{2}){3}$", "^a{6}$"),
    _row(
        "counts-of-a-thousand",
        "^[ab]{1000}$",
        "^[ab]{1001}$",
        lost="a" * 1000,
        gained="a" * 1001,
    ),
    # Looking around.
    _row("look-ahead-dropped", r"^(?=.*\d).{8,}$", "^.{8,}$", gained="aaaaaaaa"),
    _row(
        "look-aheads-of-a-password",
        r"^(?=.*[a-z])(?=.*\d).{8,}$",
        r"^(?=.*\d).{8,}$",
        gained="00000000",
    ),
    _row("negative-look-ahead-dropped", "^(?!-)[a-z-]+$", "^[a-z-]+$", gained="-a"),
    _row("negative-look-ahead-spelled-out", "^(?!-)[a-z-]+$", "^[a-z][a-z-]*$"),
    _row("reserved-word", "^(?!admin$)[a-z]+$", "^[a-z]+$", gained="admin"),
    _row("reserved-words-more", "^(?!admin$)[a-z]+$", "^(?!(admin|root)$)[a-z]+$", lost="root"),
    _row("look-behind-spelled-out", "^[a-z-]+(?<!-)$", "^[a-z-]*[a-z]$"),
    _row("look-behind-dropped", "^[a-z-]+(?<!-)$", "^[a-z-]+$", gained="-"),
    _row("word-boundaries-dropped", r"\bfoo\b", "foo", gained="foox"),
    _row("word-boundary-at-both-ends", r"^\b[a-z]+\b$", "^[a-z]+$"),
    # As servers write them.
    _row("issue-key", "^[A-Z][A-Z0-9]+-[0-9]+$", "^[A-Z]+-[0-9]+$", lost="A1-1", gained="A-1"),
    _row(
        "issue-key-longer",
        r"^[A-Z][A-Z0-9_]+-\d+$",
        r"^[A-Z][A-Z0-9_]{1,9}-\d+$",
        lost="A" * 11 + "-0",
    ),
    _row("label", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "^[-a-z0-9]+$", gained="-"),
    _row(
        "label-of-63",
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        gained="a" * 64,
    ),
    _row("node-id", r"^I?\d+[:-]\d+(?:;\d+[:-]\d+)*$", r"^\d+[:-]\d+$", lost="I1:1"),
    _row("date", r"^\d{4}-\d{2}-\d{2}$", r"^\d{4}-(0[1-9]|1[0-2])-\d{2}$", lost="2026-00-01"),
    _row(
        "uuid-in-capitals",
        _UUID.format("[0-9a-f]"),
        _UUID.format("[0-9a-fA-F]"),
        gained="A0000000-0000-0000-0000-000000000000",
    ),
    _row("telephone", r"^\+[1-9]\d{1,14}$", r"^\+?[1-9]\d{1,14}$", gained="11"),
    _row("url", "^https?://", "^https://", lost="http://"),
    _row("mail", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", r"^[^@\s]+@[^@\s]+$", gained="a@a"),
    _row(
        "semantic-version",
        r"^v?\d+\.\d+\.\d+$",
        r"^\d+\.\d+\.\d+(-[\w.]+)?$",
        lost="v0.0.0",
        gained="0.0.0-a",
    ),
    _row("file-name", r"^[\w-]+\.(png|svg|gif)$", r"^[\w-]+\.(png|svg)$", lost="a.gif"),
    _row("backtracking", "^(a+)+$", "^a+$"),
    _row("backtracking-without-end", r"^(\w+\s?)*$", r"^(\w|\w\s)*$"),
    # Finite ones, and those of all or nothing.
    Case("pattern-of-one", string(pattern="^abc$"), {"const": "abc"}),
    Case("pattern-of-some", string(pattern="^(abc|def)$"), {"enum": ["abc", "def"]}),
    Case(
        "pattern-of-some-in-branches",
        string(pattern="^(abc|def)$"),
        {"oneOf": [{"const": "abc"}, {"const": "def"}]},
    ),
    Case("pattern-of-some-narrowed", string(pattern="^v[12]$"), {"enum": ["v1"]}, lost="v2"),
    Case(
        "pattern-of-more-than-some",
        string(pattern="^(abc|def)"),
        {"enum": ["abc", "def"]},
        lost="abcd",
    ),
    Case("pattern-of-the-empty", string(pattern="^$"), {"const": ""}),
    Case("pattern-of-nothing", string(pattern="[]"), False),
    Case("pattern-of-a-start-after-a-letter", string(pattern="a^"), False),
    Case("pattern-of-all", STRING, string(pattern="^[^]*$")),
    Case("pattern-of-all-as-a-star", STRING, string(pattern=".*")),
    Case("pattern-of-all-as-a-start", STRING, string(pattern="^")),
    Case("pattern-of-all-as-an-empty-one", STRING, string(pattern="")),
    # Together.
    Case(
        "patterns-that-both-hold",
        string(allOf=[{"pattern": "^a"}, {"pattern": "z$"}]),
        string(pattern="^a[^]*z$"),
    ),
    Case(
        "patterns-of-which-one-holds",
        string(anyOf=[{"pattern": "^a"}, {"pattern": "^b"}]),
        string(pattern="^[ab]"),
    ),
    Case(
        "patterns-of-which-exactly-one-holds",
        string(oneOf=[{"pattern": "^a"}, {"pattern": "z$"}]),
        string(anyOf=[{"pattern": "^a"}, {"pattern": "z$"}]),
        gained="az",
    ),
    Case("pattern-not", string(**{"not": {"pattern": r"\s"}}), string(pattern=r"^\S*$")),
    Case("pattern-not-only", string(pattern="[^a]"), string(**{"not": {"pattern": "^a*$"}})),
    Case(
        "pattern-in-items",
        array(items=string(pattern="^[a-z]+$")),
        array(items=string(pattern="^[a-y]+$")),
        lost=["z"],
    ),
    Case(
        "pattern-of-a-property",
        record("k", k=string(pattern="^k")),
        record("k", k=string(pattern="^key")),
        lost={"k": "k"},
    ),
    Case(
        "pattern-of-numbers-beside-numbers",
        {"anyOf": [NUMBER, string(pattern=r"^\d+$")]},
        {"anyOf": [NUMBER, string(pattern=r"^-?\d+$")]},
        gained="-1",
    ),
    # Not regular.
    _row(
        "back-reference",
        r"^(a|b)\1$",
        "^(aa|bb)$",
        undecided_ok="back-references are outside what is translated",
    ),
    _row(
        "back-reference-to-more",
        r"^(a|b)\1$",
        "^[ab]{2}$",
        gained="ab",
        undecided_ok="back-references are outside what is translated",
    ),
    Case(
        "back-reference-with-another-bound",
        string(pattern=r"^(a|b)\1$", maxLength=9),
        string(pattern=r"^(a|b)\1$", maxLength=8),
        undecided_ok="back-references are outside what is translated",
    ),
)
