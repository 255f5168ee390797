"""`git:REF:PATH`: what git keeps, seen from the working directory, or a sentence that helps."""

import os
import sys
import time
from pathlib import Path

import pytest

from mcpverify.errors import FileUnusable, UsageError
from mcpverify.snapshots.git_versions import version_of
from mcpverify.snapshots.paths import is_version
from tests.repositories import commit, git
from tests.snapshots.conftest import PATH


def problem(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        version_of(text)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("ref", "text"),
    [("HEAD", b"two"), ("HEAD~1", b"one"), ("main", b"two"), ("HEAD^{/a c}", b"two")],
)
def test_a_file_is_read_as_it_was_at_the_ref(repository: Path, ref: str, text: bytes) -> None:
    assert version_of(f"git:{ref}:{PATH}").octets == text


def test_a_version_tells_its_commit(repository: Path) -> None:
    version = version_of(f"git:main:{PATH}")

    assert (version.ref, version.path) == ("main", PATH)
    assert version.commit == git("rev-parse", "HEAD")


def test_a_tag_stands_for_its_commit(repository: Path) -> None:
    git("tag", "-a", "v1", "-m", "a release", "HEAD~1")

    version = version_of(f"git:v1:{PATH}")

    assert version.octets == b"one"
    assert version.commit == git("rev-parse", "HEAD~1")


def test_a_colon_in_braces_belongs_to_the_ref(repository: Path) -> None:
    assert version_of(f"git:HEAD@{{12:00}}:{PATH}").octets in (b"one", b"two")


@pytest.mark.parametrize("path", ["weather.json", "./weather.json", "../snapshots/weather.json"])
def test_paths_are_seen_from_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(repository / "snapshots")

    assert version_of(f"git:HEAD:{path}").octets == b"two"


def test_an_absolute_path_will_do(repository: Path) -> None:
    assert version_of(f"git:HEAD:{repository / PATH}").octets == b"two"


def test_the_working_tree_does_not_matter(repository: Path) -> None:
    (repository / PATH).unlink()

    assert version_of(f"git:HEAD:{PATH}").octets == b"two"


def test_bytes_stay_as_they_are(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.json text eol=crlf\n")
    commit("a\nb\n", PATH)

    assert version_of(f"git:HEAD:{PATH}").octets == b"a\nb\n"


def test_a_bare_repository_has_its_top_as_directory(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("clone", "-q", "--bare", str(repository), str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")

    assert version_of(f"git:main:{PATH}").octets == b"two"


def test_odd_names_are_names(repository: Path) -> None:
    commit("odd", "-- *:ä b.json")

    assert version_of("git:HEAD:-- *:ä b.json").octets == b"odd"


def test_a_glob_is_a_name_like_any_other(repository: Path) -> None:
    assert "there is no snapshots/*.json at HEAD" in problem("git:HEAD:snapshots/*.json").message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("git::a.json", "the REF is empty"),
        ("git:HEAD:", "the PATH is empty"),
        ("git:HEAD", "the PATH is empty"),
        ("git:--output=x:a.json", "does not begin with -"),
        ("git:HEAD:a\nb", "control characters"),
        ("git:HEAD:../a.json", "leads out of the repository"),
        ("git:HEAD:/etc/passwd", "leads out of the repository"),
        ("git:HEAD:.", "leads out of the repository"),
        ("git:nope:a.json", "git knows no commit nope"),
        ("git:HEAD~1..HEAD:a.json", "git knows no commit"),
        (f"git:{'0' * 40}:a.json", "git knows no commit"),
        (f"git:HEAD:{PATH}:x:a.json", "there is no"),
        ("git:HEAD:snapshots", "is a directory at HEAD"),
        ("git:HEAD:none.json", "there is no none.json at HEAD (commit "),
    ],
)
def test_what_git_does_not_have_is_said(repository: Path, text: str, message: str) -> None:
    assert message in problem(text).message


def test_a_ref_is_never_taken_for_a_flag(repository: Path) -> None:
    problem("git:--output=written:a.json")

    assert not (repository / "written").exists()


def test_nothing_reaches_a_shell(repository: Path) -> None:
    problem("git:HEAD:$(touch written);touch written")

    assert not (repository / "written").exists()


def test_a_file_of_the_working_tree_only_is_told_from_one_that_is_nowhere(
    repository: Path,
) -> None:
    Path("new.json").write_text("{}")

    assert "working tree only" in problem("git:HEAD:new.json").hint
    assert "working tree" not in problem("git:HEAD:none.json").hint


def test_a_path_seen_from_the_top_is_recognized(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "docs").mkdir()
    monkeypatch.chdir(repository / "docs")

    assert problem(f"git:HEAD:{PATH}").hint.endswith(f"write git:HEAD:../{PATH}")


def test_a_branch_that_only_the_remote_has_is_suggested(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("branch", "feature")
    git("clone", "-q", str(repository), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")

    assert problem(f"git:feature:{PATH}").hint == f"Did you mean git:origin/feature:{PATH}?"


def test_a_shallow_clone_is_blamed_for_the_commits_it_lacks(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("clone", "-q", "--depth", "1", repository.as_uri(), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")

    assert version_of(f"git:HEAD:{PATH}").octets == b"two"
    assert "fetch --unshallow" in problem(f"git:HEAD~1:{PATH}").hint


def test_a_repository_without_a_commit_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "-q", str(tmp_path / "empty"))
    monkeypatch.chdir(tmp_path / "empty")

    assert problem("git:HEAD:a.json").hint == "Nothing was committed here yet."


def test_a_directory_that_is_no_checkout_is_named_as_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert "no git checkout" in problem("git:HEAD:a.json").message


def test_a_checkout_of_someone_else_is_named_as_the_cause(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    assert "safe.directory" in problem(f"git:HEAD:{PATH}").hint


def test_a_missing_git_is_named_as_the_cause(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))

    assert "git cannot be started" in problem(f"git:HEAD:{PATH}").message


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_symbolic_link_is_not_followed(repository: Path) -> None:
    Path("link.json").symlink_to(PATH)
    git("add", "-A")
    git("commit", "-q", "-m", "a link")

    error = problem("git:HEAD:link.json")

    assert f"symbolic link to {PATH}" in error.message


def test_a_submodule_is_not_entered(repository: Path, tmp_path: Path) -> None:
    git("clone", "-q", str(repository), "inner")
    git("add", "inner")
    git("commit", "-q", "-m", "a submodule")

    assert "submodule" in problem("git:HEAD:inner").message


def test_a_file_that_is_too_large_is_not_read(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("large.json", "wb") as file:
        file.truncate(64 * 2**20 + 1)
    git("add", "-A")
    git("commit", "-q", "-m", "a large file")

    assert "larger than 64 MiB" in problem("git:HEAD:large.json").message


@pytest.mark.skipif(sys.platform == "win32", reason="the git of this test is a shell script")
def test_a_git_that_hangs_is_ended_with_all_that_it_started(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository / "bin"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\nsleep 60 & echo $! > child\nwait\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    with pytest.raises(UsageError, match=r"git rev-parse did not end within 0.5 s"):
        version_of(f"git:HEAD:{PATH}", seconds=0.5)

    child = int(Path("child").read_text())
    end = time.monotonic() + 10
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.01)  # a process that was killed takes a moment to end
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_only_a_prefix_makes_a_version() -> None:
    assert is_version("git:HEAD:a.json")
    assert not is_version("./git:HEAD:a.json")


def test_errors_of_files_are_told_from_errors_of_use(repository: Path) -> None:
    assert isinstance(problem("git:HEAD:none.json"), FileUnusable)
    assert not isinstance(problem("git:nope:none.json"), FileUnusable)
