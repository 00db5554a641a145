from sluice.cli.flags import settings, signature
from sluice.config.table import OPTIONS


def test_a_flag_for_each_option_of_the_sections_that_has_one() -> None:
    names = list(signature(["log", "data"]).parameters)
    assert names == ["config", "data__dir", "log__level", "log__format"]
    every = set(signature({option.section for option in OPTIONS.values()}).parameters) - {"config"}
    assert every == {name.replace(".", "__") for name, option in OPTIONS.items() if option.flag}
    assert "node__password" not in every


def test_what_was_given_by_the_names_of_options() -> None:
    assert settings({"server__listen": "a:1", "log__level": None}) == {"server.listen": "a:1"}
