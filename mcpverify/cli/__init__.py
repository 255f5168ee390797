"""The command line: options to values, one verify function, a reporter, an exit code."""
