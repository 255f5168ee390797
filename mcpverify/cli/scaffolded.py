"""What `init` did, for a person: what failed, what is there now, what to edit, commit and run."""

import os
import re
import shlex
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from mcpverify.cli.exit_codes import ExitCode, exit_code
from mcpverify.cli.target_argument import is_loopback
from mcpverify.cli.writing import say
from mcpverify.forges.detection import Forge, branch_here
from mcpverify.forges.gitlab import PIPELINE
from mcpverify.reporters import render
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import hung, pasteable, wrapped
from mcpverify.reporters.presentation import presentation_for
from mcpverify.verify.scaffold import Fate, Recorded, Scaffold

_COLUMN = 10
_WIDTH = 80
_BRANCH = "main"  # the one that the recipes deploy from and compare with
_OWN = {
    r'\./deploy\.sh "\$\w+"\n': "./deploy.sh is yours: it brings the commit it is given into "
    "production",
    r'\./deploy\.sh "\$\w+" ': "./deploy.sh is yours: it is given a commit and the name of the "
    "server, and brings that server alone into production",
    r"pip install \.": "`pip install .` is for a server in Python: install yours as it needs",
}
_SECRETS = {
    Forge.GITHUB: "gh secret set {}",
    Forge.GITLAB: "{}: Settings > CI/CD > Variables, masked and protected",
}


def show(done: Scaffold) -> int:
    """Print it and return the exit code: that of the worst server, or 0."""
    code = int(ExitCode.PASSED)
    if done.refused.targets:
        code = int(exit_code(done.refused.verdict))
        if sys.stdout is not None:
            how = presentation_for(sys.stdout, os.environ, code, 0)
            say(render("terminal", done.refused, how))
    blocks = ["".join(f"{line}\n" for line in each(done)) for each in (_there, _to_edit, _to_run)]
    text = "\n".join(block for block in blocks if block)
    say(f"\n{text}" if text and done.refused.targets else text)
    return code


def _there(done: Scaffold) -> Iterator[str]:
    """The files, and why there are no more of them."""
    for file in done.files:
        yield from _lines(file.fate, file.path + (f": {file.note}" if file.note else ""))
    if done.recorded and done.forge.forge is None:
        yield from _lines("no job", f"{done.forge.reason}. Say --forge github or --forge gitlab.")
    elif done.files and all(file.fate is Fate.KEPT for file in done.files):
        yield "Nothing was written: all of it was there before."


def _to_edit(done: Scaffold) -> Iterator[str]:
    """What nobody but the user can know."""
    jobs = [file for file in done.files if file.text]
    for example, told in _OWN.items():
        paths = [file.path for file in jobs if re.search(example, file.text)]
        if paths:
            yield from _lines("edit", f"{told}, in {' and '.join(paths)}")
    if done.includes:
        yield from _lines("edit", f"{PIPELINE} is kept: see that it has the stages, and add")
        yield from hung(
            "", ["include:", *(f"  - local: {path}" for path in done.includes)], _COLUMN
        )
    if not jobs:
        return
    branch = branch_here()
    if done.forge.forge is Forge.GITHUB and branch not in ("", _BRANCH):
        yield from _lines("edit", f"the jobs watch the branch {_BRANCH}, and this is {branch}")
    for each in done.recorded:
        url = each.candidate.url
        if is_loopback(urlsplit(url).hostname or ""):
            yield from _lines("edit", f"{url} is this machine: give CI the URL it can reach")
        program = each.candidate.command.partition(" ")[0]
        if os.path.isabs(program):
            yield from _lines("edit", f"{program} is on this machine: say how CI finds it")
    for url in done.behind:
        yield from _lines("mind", f"{url} does not serve what the command serves: deploy it first")
    if done.forge.forge is not None:
        names = (name for each in done.recorded for name in each.candidate.variables)
        for name in dict.fromkeys(names):
            yield from _lines("secret", _SECRETS[done.forge.forge].format(name))


def _to_run(done: Scaffold) -> Iterator[str]:
    if any(file.fate is not Fate.KEPT for file in done.files):
        # What was kept may not be committed yet, and a job asks for its snapshot.
        paths = [file.path for file in done.files]
        yield from _command("commit", shlex.join(["git", "add", *paths]))
    for each in done.recorded:
        yield from _command("check", _check(each))


def _check(each: Recorded) -> str:
    it = each.candidate
    reach = f" {it.reach}" if it.reach else ""
    target = f"{it.url}{reach} " if it.url else ""
    command = f" -- {it.command}" if it.command else ""
    return f"mcpverify check {target}--snapshot {each.path}{command}"


def _lines(word: str, text: str) -> Iterator[str]:
    return hung(word, wrapped(inert(text), _WIDTH - _COLUMN), _COLUMN)


def _command(word: str, command: str) -> Iterator[str]:
    return hung(word, pasteable(inert(command), _WIDTH - _COLUMN), _COLUMN)
