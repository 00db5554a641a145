"""A file that is kept: whole or not at all, for its owner alone, and bounded when it is read."""

import stat
from pathlib import Path

import pytest

from sluice.kept_file import read_kept, write_kept


def test_what_is_written_is_read_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "data" / "a.json"
    assert read_kept(file, 5) is None
    write_kept(file, b"first")
    write_kept(file, b"other")
    assert read_kept(file, 5) == b"other"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["a.json"]


def test_more_than_the_bound_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"123456")
    with pytest.raises(ValueError, match="more than 5 bytes"):
        read_kept(file, 5)


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.json"
    write_kept(file, b"before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_kept(file, b"after")
    assert read_kept(file, 99) == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
