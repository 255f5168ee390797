"""Real git repositories, under an identity of their own."""

import subprocess
from pathlib import Path


def git(*arguments: str, cwd: Path | None = None) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout.strip()


def commit(text: str | bytes, path: str, cwd: Path = Path()) -> str:
    """Commits `text` at `path` and returns the hash."""
    file = cwd / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    git("add", "-A", cwd=cwd)
    git("commit", "-q", "-m", "a change", cwd=cwd)
    return git("rev-parse", "HEAD", cwd=cwd)
