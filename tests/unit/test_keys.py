import stat
from pathlib import Path

import pytest

from sluice.exit_codes import ExitCode
from sluice.keys import (
    KeyFileError,
    authority_for_run,
    keep_authority,
    keep_operator_key,
    new_key,
    read_key,
    write_key,
)
from sluice.noise.authority import encode_public_key, encode_secret_key, parse_public_key


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "data" / "authority.key"
    first, second = keep_authority(file), keep_authority(file)
    assert (first.made, second.made) == (True, False)
    assert second.key == first.key
    assert parse_public_key(first.public) == first.key.public


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "data" / "authority.key"
    keep_authority(file)
    assert mode_of(file) == 0o600
    assert mode_of(file.parent) == 0o700


def test_two_keys_are_not_the_same() -> None:
    assert new_key() != new_key()


def test_the_file_says_whose_secret_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "authority.key"
    key = new_key()
    write_key(file, key)
    comment, secret = file.read_text().splitlines()
    assert comment.startswith("#")
    assert encode_public_key(key.public) in comment
    assert secret == encode_secret_key(key.secret)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "authority.key"
    write_key(file, key := new_key())
    with pytest.raises(KeyFileError, match="cannot be made: File exists"):
        write_key(file, new_key())
    assert read_key(file) == key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_that_others_can_read_is_refused_with_the_way_out(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "authority.key"
    keep_authority(file)
    file.chmod(mode)
    with pytest.raises(
        KeyFileError, match=rf"open to others \(mode {mode:04o}\): `chmod 600 .*authority.key`"
    ):
        keep_authority(file)


GARBAGE = {
    "empty": b"",
    "a comment alone": b"# key\n",
    "words": b"hello\n",
    "bytes": bytes(range(256)),
    "a public key": encode_public_key(new_key().public).encode(),
    "another line": encode_secret_key(new_key().secret).encode() + b"\nmore\n",
    "a letter short": encode_secret_key(new_key().secret).encode()[:-1],
    "a large file": b"1" * 100_000,
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_key_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "authority.key"
    file.write_bytes(content)
    file.chmod(0o600)
    for use in (keep_authority, authority_for_run):
        with pytest.raises(
            KeyFileError, match=r"authority secret key.* Restore it from a backup; or move it away"
        ):
            use(file)
    assert file.read_bytes() == content


def test_an_error_does_not_show_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "authority.key"
    secret = encode_secret_key(new_key().secret)
    file.write_text(secret[:-1])
    file.chmod(0o600)
    with pytest.raises(KeyFileError) as caught:
        keep_authority(file)
    assert secret[:8] not in str(caught.value)
    assert caught.value.exit_code is ExitCode.KEYS


def test_a_directory_in_place_of_the_file_is_an_error_for_everyone(tmp_path: Path) -> None:
    for use in (keep_authority, authority_for_run):
        with pytest.raises(KeyFileError, match="cannot be read: Is a directory"):
            use(tmp_path)


def test_a_dangling_link_is_not_replaced_by_a_new_key(tmp_path: Path) -> None:
    link = tmp_path / "authority.key"
    link.symlink_to(tmp_path / "elsewhere" / "authority.key")
    for use in (keep_authority, authority_for_run):
        with pytest.raises(KeyFileError, match="cannot be read: No such file"):
            use(link)


def test_where_nothing_can_be_written_a_run_goes_on_with_a_warning(tmp_path: Path) -> None:
    not_a_directory = tmp_path / "data"
    not_a_directory.write_text("a file")
    with pytest.raises(KeyFileError, match="cannot be made"):
        keep_authority(not_a_directory / "authority.key")
    authority = authority_for_run(not_a_directory / "authority.key")
    assert authority.made
    assert "is lost when this process ends" in authority.warning
    assert "cannot be made" in authority.warning


def test_a_key_that_lasts_comes_without_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "authority.key"
    assert authority_for_run(file).warning == ""
    assert authority_for_run(file).key == read_key(file)


def test_an_operators_key_is_made_once_and_cannot_be_guessed(tmp_path: Path) -> None:
    file, other = tmp_path / "data" / "operator.key", tmp_path / "other.key"
    assert keep_operator_key(file)
    assert mode_of(file) == 0o600
    comment, key = file.read_text().splitlines()
    assert comment.startswith("#")
    assert len(bytes.fromhex(key)) == 32
    assert not keep_operator_key(file)
    assert file.read_text().splitlines()[1] == key
    assert keep_operator_key(other)
    assert key not in other.read_text()


def test_where_none_can_be_made_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="cannot be made"):
        keep_operator_key(tmp_path / "file" / "operator.key")
