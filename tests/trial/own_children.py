"""The children of the process that runs the tests, but for those that start mcpverify for them."""

import psutil

from tests import forking


def own_children(recursive: bool = False) -> list[psutil.Process]:
    """Whatever the code under test started in this process, and has not ended."""
    starters = [each for each in psutil.Process().children() if _starts_tests(each)]
    theirs = {each.pid for starter in starters for each in starter.children(recursive=True)}
    theirs |= {starter.pid for starter in starters}
    found = psutil.Process().children(recursive=recursive)
    return [each for each in found if each.pid not in theirs]


def _starts_tests(process: psutil.Process) -> bool:
    try:
        return str(forking.__file__) in process.cmdline()
    except psutil.Error:
        return False
