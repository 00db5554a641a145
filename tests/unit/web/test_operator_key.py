from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.private_file import write_private
from sluice.web.operator_key import SHORTEST, NoOperatorKey, is_operator

KEY = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data") / "operator.key"
    write_private(made, "", KEY)
    return made


def test_the_key_opens(file: Path) -> None:
    assert is_operator(file, KEY)


@pytest.mark.parametrize("wrong", ["", KEY[:-1], KEY + "0", KEY.upper(), f" {KEY}", "\udcff", "\0"])
def test_nothing_else_does(file: Path, wrong: str) -> None:
    assert not is_operator(file, wrong)


@given(text=st.text(st.characters()))
def test_anything_may_be_given(file: Path, text: str) -> None:
    assert not is_operator(file, text)


def test_a_new_key_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "operator.key"
    write_private(file, "", KEY)
    file.unlink()
    with pytest.raises(NoOperatorKey, match="cannot be read"):
        is_operator(file, KEY)
    write_private(file, "", KEY[::-1])
    assert not is_operator(file, KEY)
    assert is_operator(file, KEY[::-1])


def test_a_key_that_others_can_read_opens_nothing(tmp_path: Path) -> None:
    file = tmp_path / "operator.key"
    write_private(file, "", KEY)
    file.chmod(0o644)
    with pytest.raises(NoOperatorKey, match="chmod 600"):
        is_operator(file, KEY)


@pytest.mark.parametrize("torn", ["", "0" * (SHORTEST - 1)])
def test_an_empty_file_opens_nothing(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "operator.key"
    write_private(file, "", torn)
    with pytest.raises(NoOperatorKey, match="holds no key"):
        is_operator(file, torn)
