"""Exceptions, which mean that mcpverify itself cannot work.

A server that misbehaves is never an exception: it is an exchange's failure
(`facts.transcript.Failure`) and then a finding. The tree:

    McpverifyError
    └── UsageError            we were called wrongly: exit code 2
        ├── TargetInvalid     no URL, unknown scheme, TARGET beside a COMMAND
        ├── VariableUnset     a ${NAME} that is unset or empty
        ├── FileUnusable      a path that cannot be read or written
        ├── ConfigurationInvalid  no valid TOML, unknown keys, values of the wrong kind
        └── SnapshotUnusable  missing, foreign, conflicted, wrongly digested

Anything else that reaches the top of cli is a bug of ours: exit code 70.
"""


class McpverifyError(Exception):
    """Root of all errors that mcpverify raises on purpose.

    `hint` says what to do next, in one sentence; it may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(McpverifyError):
    """The command, its flags or its configuration cannot be followed."""


class TargetInvalid(UsageError):
    """The target is missing, ambiguous or of an unknown kind."""


class VariableUnset(UsageError):
    """An environment variable that was named is unset or empty."""


class FileUnusable(UsageError):
    """A file that was named cannot be read or written."""


class ConfigurationInvalid(UsageError):
    """A configuration cannot be followed. The message has a line for each thing that is wrong."""


class SnapshotUnusable(UsageError):
    """A snapshot is missing, foreign, conflicted, or its digest does not fit."""
