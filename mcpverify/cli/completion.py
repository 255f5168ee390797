"""Shell completion: what was typed so far is answered with what may come next.

Typer has the scripts for bash, zsh and fish and finds out which option or argument the cursor
is at. Ours is what stands around it: a run that completes loads only the command that was
typed, knows that the words after `--` belong to someone else's command, and formats its answer
without rich, which would cost more than all the rest.
"""

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer._completion_classes import completion_init
from typer._completion_shared import _get_shell_name, get_completion_script, install
from typer.main import get_command

from mcpverify.cli.writing import say
from mcpverify.errors import FileUnusable, UsageError

if TYPE_CHECKING:
    from typer._click.shell_completion import ShellComplete

VARIABLE = "_MCPVERIFY_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
_PROGRAM = "mcpverify"


@dataclass(frozen=True, slots=True)
class Answer:
    """One word that may come next, and what it is for."""

    word: str
    help: str = ""


def install_or_show(arguments: Sequence[str]) -> int:
    """`--install-completion [SHELL]` and `--show-completion [SHELL]`. Raises UsageError."""
    flag, *names = arguments
    if len(names) > 1 or (names and names[0] not in SHELLS):
        raise UsageError(f"{flag} takes one of {', '.join(SHELLS)}", "Or none: yours is found.")
    shell = names[0] if names else _own_shell(flag)
    if flag == "--show-completion":
        script = get_completion_script(prog_name=_PROGRAM, complete_var=VARIABLE, shell=shell)
        say(f"{script}\n")
        return 0
    try:
        _, path = install(shell=shell, prog_name=_PROGRAM, complete_var=VARIABLE)
    except OSError as error:
        problem = f"{flag}: {error.filename} cannot be written: {error.strerror}"
        raise FileUnusable(problem, "See --show-completion, and put it where you like.") from None
    say(f"Completion for {shell} was installed in {path}. Open a new shell to have it.\n")
    return 0


def _own_shell(flag: str) -> str:
    found = _get_shell_name()
    if found not in SHELLS:
        raise UsageError(f"{flag}: your shell was not recognized", f"Name it: {flag} bash")
    return found


def answer(instruction: str, command_names: Sequence[str], load: Callable[..., object]) -> int:
    """Print what may come next where `instruction` is `complete_SHELL`; returns the exit code.

    `load` makes the app with the named commands. What was typed is in the environment.
    """
    from typer._click.shell_completion import get_completion_class

    completion_init()
    shell = instruction.removeprefix("complete_")
    kind = get_completion_class(shell)
    if kind is None or shell not in SHELLS:
        raise UsageError(f"{VARIABLE}={instruction}: no such shell", f"Known: {', '.join(SHELLS)}.")
    typed = kind(None, {}, _PROGRAM, VARIABLE)  # type: ignore[arg-type]
    try:
        words, incomplete = _plain(*_typed(typed, shell))
    except (KeyError, ValueError):
        # Not 0: with a variable that was left set, a gate would be green that did not run.
        raise UsageError(f"{VARIABLE} is set, and no shell asks", "Unset it.") from None
    named = tuple(word for word in words if word in command_names)[:1]
    answers: list[Answer] = []
    if shell == "bash" and not words and not incomplete.startswith("-"):
        # It shows no help texts, and without those no command has to be loaded.
        answers = [Answer(name) for name in command_names if name.startswith(incomplete)]
    elif "--" not in words:
        typed.cli = get_command(load(named or tuple(command_names)))  # type: ignore[arg-type]
        found = typed.get_completions(list(words), incomplete)
        answers = [Answer(str(each.value), each.help or "") for each in found]
    if shell != "bash" and incomplete.startswith("--") and "=" in incomplete:
        # These two replace the whole word; bash takes = for the end of one.
        flag = incomplete.partition("=")[0]
        answers = [Answer(f"{flag}={each.word}", each.help) for each in answers]
    if shell == "fish" and os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return 0 if answers else 1
    say(_FORMATTED[shell](answers))
    return 0


def _typed(shell_complete: "ShellComplete", shell: str) -> tuple[list[str], str]:
    """What the script of the shell hands over. Raises KeyError and ValueError for nothing."""
    if shell != "bash":
        os.environ["_TYPER_COMPLETE_ARGS"]  # Typer would take a missing one for an empty line
    return shell_complete.get_completion_args()


def _plain(words: Sequence[str], incomplete: str) -> tuple[tuple[str, ...], str]:
    """The words without the `=` of bash, which parts an option from its value by one."""
    kept = [
        word
        for before, word in zip(("", *words), words, strict=False)
        if not (word == "=" and before.startswith("--"))
    ]
    if incomplete == "=" and kept and kept[-1].startswith("--"):
        incomplete = ""
    return tuple(kept), incomplete


def _for_bash(answers: Sequence[Answer]) -> str:
    return "".join(f"{each.word}\n" for each in answers)


def _for_zsh(answers: Sequence[Answer]) -> str:
    """Code that the script evaluates, its line ends made blanks."""
    if not answers:
        return "_files\n"
    described = [
        shlex.quote(
            f"{each.word.replace(':', chr(92) + ':')}{':' + each.help if each.help else ''}"
        )
        for each in answers
    ]
    return f"local -a answers; answers=({' '.join(described)}); _describe {_PROGRAM} answers\n"


def _for_fish(answers: Sequence[Answer]) -> str:
    return "".join(
        f"{each.word}\t{' '.join(each.help.split())}".rstrip() + "\n" for each in answers
    )


_FORMATTED: dict[str, Callable[[Sequence[Answer]], str]] = {
    "bash": _for_bash,
    "zsh": _for_zsh,
    "fish": _for_fish,
}
