"""What a configuration gives to a command as a secret comes out nowhere."""

import sys

from tests.conftest import Mcpverify
from tests.settings.reading import written

SECRET = "hunter2-swordfish-99"
COMMAND = "import os, sys; sys.exit('my key is ' + os.environ['API_KEY'])"


def test_a_secret_in_the_environment_of_a_command_is_not_shown(mcpverify: Mcpverify) -> None:
    command = [sys.executable.replace("\\", "/"), "-c", COMMAND]
    written(f'[targets.weather]\ncommand = {command}\nenvironment = {{ API_KEY = "${{GIVEN}}" }}\n')
    run = mcpverify("check", "weather", "--no-snapshot", "-v", env={"GIVEN": SECRET})
    assert "my key is ***" in run.stdout
    assert SECRET not in run.stdout + run.stderr
