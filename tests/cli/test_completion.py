"""Shell completion: real shells are asked what they would offer after what was typed so far."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mcpverify.checks import check_ids
from mcpverify.cli.app import COMMANDS
from mcpverify.demo.faults.fault import Fault
from mcpverify.reporters import FORMATS
from tests import running
from tests.conftest import Mcpverify

_PROGRAMS = str(Path(sys.executable).parent)


def in_shell(shell: str, script: str, home: Path, *flags: str) -> str:
    """What `script` prints in a shell that knows our completion."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    paths = os.pathsep.join((_PROGRAMS, os.environ.get("PATH", "")))
    done = subprocess.run(
        [program, *flags, "-c", script],
        env=running.environment(home, {"PATH": paths}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout


def in_bash(words: Sequence[str], home: Path) -> list[str]:
    """What bash offers for the last of `words`, which are as it parts them."""
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""
        eval "$(mcpverify --show-completion bash)"
        COMP_WORDS=({quoted})
        COMP_CWORD={len(words) - 1}
        function=$(complete -p mcpverify | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
        "$function" mcpverify
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return in_shell("bash", script, home, "--noprofile", "--norc").split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ch", ["check"]),
        ("check --sna", ["--snapshot"]),
        ("check --debug --sna", ["--snapshot"]),
        ("check http : //127.0.0.1 : 8000/mcp --sna", ["--snapshot"]),
        ("check --fail-on b", ["breaking"]),
        ("check --fail-on = b", ["breaking"]),
        ("check --fail-on =", ["any", "contract", "breaking", "none"]),
        ("check --transport st", ["streamable-http", "stdio"]),
        ("check --protocol 2026", ["2026-07-28"]),
        ("snapshot --format te", ["terminal"]),
        ("check --only lat", ["latency"]),
        ("check --skip handshake,latency,eras", ["handshake,latency,eras-agree"]),
        ("demo --fault renamed", ["renamed-tool"]),
        ("drain --signal SIGI", ["SIGINT"]),
        ("drain --rest", ["--restart-command"]),
        ("--show", ["--show-completion"]),
        ("check --no-such-option x --sna", ["--snapshot"]),
        ("no-such-command --sna", []),
    ],
)
def test_bash_completes_what_was_begun(
    scrubbed_environment: Path, typed: str, offered: list[str]
) -> None:
    assert in_bash(["mcpverify", *typed.split()], scrubbed_environment) == offered


@pytest.mark.parametrize("command", ["check", "snapshot"])
def test_bash_completes_the_names_of_a_configuration(
    scrubbed_environment: Path, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "team.toml"
    path.write_text(
        '[targets.weather]\nurl = "http://127.0.0.1/mcp"\n[targets.waves]\nurl = "x:1"\n'
    )
    words = ["mcpverify", command, "--config", str(path)]
    assert in_bash([*words, "w"], scrubbed_environment) == ["weather", "waves"]
    assert in_bash([*words, "weather", "w"], scrubbed_environment) == ["waves"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ((), COMMANDS),
        (("check", "--format"), FORMATS),
        (("check", "--only"), check_ids()),
        (("demo", "--fault"), [each.value for each in Fault]),
    ],
    ids=["commands", "formats", "checks", "faults"],
)
def test_bash_offers_all_there_is_where_nothing_was_begun(
    scrubbed_environment: Path, words: tuple[str, ...], offered: Sequence[str]
) -> None:
    found = in_bash(["mcpverify", *words, ""], scrubbed_environment)

    assert sorted(found) == sorted(offered)


@pytest.mark.parametrize(
    "words",
    [("check", "--", "mcpver"), ("check", "--", "server", "--sna"), ("check", "--snapshot", "")],
    ids=" ".join,
)
def test_bash_completes_files_where_the_words_are_not_ours(
    scrubbed_environment: Path, words: tuple[str, ...]
) -> None:
    assert in_bash(["mcpverify", *words], scrubbed_environment) == []
    script = 'eval "$(mcpverify --show-completion bash)"; complete -p mcpverify'
    registered = in_shell("bash", script, scrubbed_environment, "--norc")
    assert "-o default" in registered, "with no answer of ours, bash takes the names of files"


def in_fish(typed: str, home: Path) -> list[str]:
    script = f"mcpverify --show-completion fish | source; complete -C '{typed}'"
    return [line.partition("\t")[0] for line in in_shell("fish", script, home, "-N").splitlines()]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mcpverify ch", ["check"]),
        ("mcpverify check --sna", ["--snapshot"]),
        ("mcpverify check --fail-on=b", ["--fail-on=breaking"]),
        ("mcpverify check --only lat", ["latency"]),
        ("mcpverify check -- /dev/nul", ["/dev/null"]),
    ],
)
def test_fish_completes_what_was_begun(
    scrubbed_environment: Path, typed: str, offered: list[str]
) -> None:
    assert in_fish(typed, scrubbed_environment) == offered


# zsh completes at a prompt only, so one is typed at: what stands there afterwards is printed.
_ZSH = """
zmodload zsh/zpty
zpty z "$ZSH_NAME -f"
zpty -w z "fpath=($fpath); module_path=($module_path); PS1= ; autoload -Uz compinit"
zpty -w z 'compinit -D -u; eval "$(mcpverify --show-completion zsh)"'
zpty -w z 'typed() {{ print -r -- "[[$BUFFER]]" }}; zle -N typed; bindkey "^X" typed'
zpty -w z 'print -r -- RE''ADY'
zpty -r -m z said '*READY*'
zpty -w -n z $'{typed}\\t\\x18'
zpty -r -m z said '*]]*'
print -r -- ${{${{said##*\\[\\[}}%%\\]\\]*}}
"""


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("mcpverify ch", "mcpverify check"),
        ("mcpverify check --sna", "mcpverify check --snapshot"),
        ("mcpverify check --fail-on=b", "mcpverify check --fail-on=breaking"),
        ("mcpverify check --only lat", "mcpverify check --only latency"),
        ("mcpverify check -- /dev/nul", "mcpverify check -- /dev/null"),
    ],
)
def test_zsh_completes_what_was_begun(scrubbed_environment: Path, typed: str, line: str) -> None:
    said = in_shell("zsh", _ZSH.format(typed=typed), scrubbed_environment, "-f")

    assert said.strip() == line


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_to_install_completion_writes_the_script_that_is_shown(
    mcpverify: Mcpverify, scrubbed_environment: Path, shell: str
) -> None:
    run = mcpverify("--install-completion", shell)
    shown = mcpverify("--show-completion", shell)

    assert (run.code, run.stderr) == (0, "")
    path = Path(run.stdout.split()[6].rstrip("."))
    assert path.is_relative_to(scrubbed_environment)
    assert path.read_text().strip() == shown.stdout.strip()
    assert "_MCPVERIFY_COMPLETE" in shown.stdout


@pytest.mark.parametrize("flag", ["--install-completion", "--show-completion"])
@pytest.mark.parametrize("names", [("tcsh",), ("bash", "zsh"), ("",)], ids=repr)
def test_a_shell_that_is_not_known_is_named(
    mcpverify: Mcpverify, flag: str, names: tuple[str, ...]
) -> None:
    run = mcpverify(flag, *names)

    assert (run.code, run.stdout) == (2, "")
    assert f"{flag} takes one of bash, zsh, fish" in run.stderr


def test_a_home_that_cannot_be_written_is_told(
    mcpverify: Mcpverify, scrubbed_environment: Path
) -> None:
    (scrubbed_environment / ".bash_completions").write_text("in the way")
    run = mcpverify("--install-completion", "bash")

    assert (run.code, run.stdout) == (2, "")
    assert ".bash_completions" in run.stderr


def loaded_by(*arguments: str, home: Path, **extra: str) -> set[str]:
    """The modules that a run imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mcpverify", *arguments],
        env=running.environment(home, extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_a_run_that_completes_loads_only_what_was_typed(scrubbed_environment: Path) -> None:
    typed = {"COMP_WORDS": "mcpverify snapshot --", "COMP_CWORD": "2"}
    loaded = loaded_by(home=scrubbed_environment, _MCPVERIFY_COMPLETE="complete_bash", **typed)

    assert {"mcpverify.cli.completion", "mcpverify.cli.snapshot"} <= loaded
    assert not loaded & {"rich", "mcp", "jsonschema", "mcpverify.cli.check", "mcpverify.cli.demo"}


def test_the_names_of_commands_are_completed_without_loading_one(
    scrubbed_environment: Path,
) -> None:
    typed = {"COMP_WORDS": "mcpverify ", "COMP_CWORD": "1"}
    loaded = loaded_by(home=scrubbed_environment, _MCPVERIFY_COMPLETE="complete_bash", **typed)

    assert "mcpverify.cli.completion" in loaded
    assert not loaded & {f"mcpverify.cli.{command}" for command in COMMANDS}


def test_a_run_that_does_not_complete_loads_nothing_for_it(scrubbed_environment: Path) -> None:
    loaded = loaded_by("check", "http://127.0.0.1:9/mcp", home=scrubbed_environment)

    assert "mcpverify.cli.check" in loaded
    assert "mcpverify.cli.completion" not in loaded


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--version", "--debug"), ("--debug", "--version")], ids=" ".join
)
def test_the_version_is_told_before_anything_is_loaded(
    mcpverify: Mcpverify, scrubbed_environment: Path, arguments: tuple[str, ...]
) -> None:
    loaded = loaded_by(*arguments, home=scrubbed_environment)

    assert {each for each in loaded if each.startswith("mcpverify")} == {"mcpverify"}
    assert "typer" not in loaded
    assert mcpverify(*arguments).stdout == mcpverify("--version").stdout


def test_a_version_that_cannot_be_printed_is_told(scrubbed_environment: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no device that is always full")
    with full.open("wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "mcpverify", "--version"],
            env=running.environment(scrubbed_environment),
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("mcpverify: stdout cannot be written")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("words", [{}, {"COMP_WORDS": "mcpverify", "COMP_CWORD": "x"}], ids=repr)
def test_a_variable_that_was_left_set_is_neither_a_bug_nor_a_green_gate(
    mcpverify: Mcpverify, shell: str, words: dict[str, str]
) -> None:
    env = {"_MCPVERIFY_COMPLETE": f"complete_{shell}", **words}
    run = mcpverify("check", "http://127.0.0.1:9/mcp", env=env)

    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("mcpverify: _MCPVERIFY_COMPLETE is set, and no shell asks\n")
