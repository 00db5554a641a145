import re
import tomllib

import pytest

from sluice.config.render import FIRST_OPTIONS, WIDTH, configuration_file, configuration_page, readme_table
from sluice.config.sources import from_file
from sluice.config.table import OPTIONS, SECTIONS
from sluice.exit_codes import ExitCode


def test_the_default_file_is_the_same_in_every_locale() -> None:
    assert configuration_file().isascii()


def test_the_default_file_sets_nothing() -> None:
    assert tomllib.loads(configuration_file()) == {section: {} for section in SECTIONS}


def test_without_its_number_signs_it_sets_every_option_to_its_default() -> None:
    text = re.sub(r"^#(?=\w+ = )", "", configuration_file(), flags=re.MULTILINE)
    found = from_file(text, "x")
    assert found.mistakes == []
    assert {name: setting.value for name, setting in found.settings.items()} == {
        name: option.decode(option.plain_default) for name, option in OPTIONS.items()
    }


def test_every_option_comes_with_its_meaning_and_its_names() -> None:
    text = " ".join(line.removeprefix("# ") for line in configuration_file().splitlines())
    for option in OPTIONS.values():
        for words in (option.row.help, option.accepts, option.flag, option.env):
            assert words in text


def test_lines_fit_a_screen() -> None:
    assert max(map(len, configuration_file().splitlines())) <= WIDTH + 2


def test_given_values_are_set_and_the_others_are_not() -> None:
    found = from_file(configuration_file({"pool.tag": 'My "Pool"', "pool.shard": 7}), "x")
    assert {name: setting.value for name, setting in found.settings.items()} == {
        "pool.tag": 'My "Pool"',
        "pool.shard": 7,
    }


def test_the_page_has_every_option_and_every_exit_code() -> None:
    page = configuration_page()
    for option in OPTIONS.values():
        assert f"| `{option.name}` |" in page
    for code in ExitCode:
        assert f"| {int(code)} |" in page


def test_the_page_shows_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = configuration_page() + configuration_file()
    monkeypatch.setenv("HOME", "/somewhere/else")
    assert configuration_page() + configuration_file() == before


def test_the_readme_s_table_is_of_what_most_people_set() -> None:
    assert readme_table().count("\n") == 2 + len(FIRST_OPTIONS)
    assert "`pool.address`" in readme_table().splitlines()[2]
