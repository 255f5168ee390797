"""Writing a snapshot: all or nothing, and nothing else touched."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mcpverify.errors import FileUnusable
from mcpverify.snapshots.files import MAX_BYTES, write

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes or links")


def refusal(path: Path, octets: bytes = b"new") -> FileUnusable:
    with pytest.raises(FileUnusable) as refused:
        write(str(path), octets)
    error = refused.value
    assert str(path) in error.message
    assert "\n" not in error.message
    assert error.hint
    return error


def test_a_file_is_written_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "weather.json"
    write(str(path), b"one")
    write(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["weather.json"]


def test_a_relative_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("weather.json", b"one")
    assert (tmp_path / "weather.json").read_bytes() == b"one"


@posix
def test_a_file_that_is_replaced_hands_on_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "weather.json"
    write(str(path), b"one")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    path.chmod(0o640)
    write(str(path), b"two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed_and_stays(tmp_path: Path, exists: bool) -> None:
    target, link = tmp_path / "elsewhere" / "target.json", tmp_path / "link.json"
    if exists:
        target.parent.mkdir()
        target.write_bytes(b"old")
    link.symlink_to(target)
    write(str(link), b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_is_no_regular_file_is_left_alone(tmp_path: Path) -> None:
    assert "cannot be written" in refusal(tmp_path).message
    assert "cannot be written" in refusal(Path(os.devnull)).message


@posix
def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "cannot be written" in refusal(loop).message


def test_paths_that_cannot_be_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    assert "cannot be written" in refusal(tmp_path / "file" / "weather.json").message
    assert "cannot be written" in refusal(Path("a\0b")).message
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="everything is writable for this user"
)
def test_an_unwritable_directory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weather.json"
    path.write_bytes(b"old")
    tmp_path.chmod(0o500)
    assert "permission denied" in refusal(path).message
    assert path.read_bytes() == b"old"


@posix
def test_a_write_that_fails_half_way_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "snapshots" / "weather.json"
    path.parent.mkdir()
    path.write_bytes(b"old")
    program = (
        "import resource, sys\n"
        "from mcpverify.errors import FileUnusable\n"
        "from mcpverify.snapshots.files import write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write(sys.argv[1], bytes(100_000))\n"
        "except FileUnusable as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "cannot be written: file too large" in done.stdout
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["weather.json"]


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "weather.json"
    assert "larger than 64 MiB" in refusal(path, bytes(MAX_BYTES + 1)).message
    assert not path.exists()
