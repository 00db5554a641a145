import stat
from pathlib import Path

import pytest

from sluice.private_file import MOST_BYTES, PrivateFileError, read_private, write_private


def test_what_is_written_is_read_without_its_comment(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret.key"
    write_private(file, "whose it is", "abc")
    assert read_private(file) == "abc"
    assert file.read_text() == "# whose it is\nabc\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_it_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    write_private(file, "", "abc")
    with pytest.raises(PrivateFileError, match="cannot be made: File exists"):
        write_private(file, "", "def")
    assert read_private(file) == "abc"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_what_others_can_read_is_no_secret(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "secret.key"
    write_private(file, "", "abc")
    file.chmod(mode)
    with pytest.raises(
        PrivateFileError, match=rf"open to others \(mode {mode:04o}\): `chmod 600 .*secret.key`"
    ):
        read_private(file)


def test_what_is_not_there_or_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(PrivateFileError, match="cannot be read: No such file"):
        read_private(tmp_path / "secret.key")
    (tmp_path / "file").touch()
    with pytest.raises(PrivateFileError, match="cannot be made: "):
        write_private(tmp_path / "file" / "secret.key", "", "abc")


def test_no_more_is_read_than_a_secret_takes(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    write_private(file, "", "x" * 2 * MOST_BYTES)
    assert len(read_private(file)) < MOST_BYTES
