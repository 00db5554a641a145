import re
from dataclasses import fields
from pathlib import Path

from sluice.config.node_table import Node
from sluice.config.table import OPTIONS, SECTIONS, SEVERAL, Config


def test_the_configuration_has_exactly_the_sections_of_the_table() -> None:
    once = {name: cls for name, cls in SECTIONS.items() if name != SEVERAL}
    assert SECTIONS[SEVERAL] is Node
    assert {entry.name: entry.type for entry in fields(Config)} == once | {
        "nodes": tuple[Node, ...],
        "file": Path | None,
    }


def test_every_default_is_a_value_that_may_be_given() -> None:
    for option in OPTIONS.values():
        assert type(option.decode(option.plain_default)) is type(option.default), option.name


def test_no_two_options_share_a_flag() -> None:
    flags = [option.flag for option in OPTIONS.values() if option.flag]
    assert len(set(flags)) == len(flags)
    assert all(re.fullmatch(r"--[a-z]+(-[a-z]+)*", flag) for flag in flags)
    assert not {"--config", "--help", "--version"} & set(flags)


def test_every_option_is_explained_in_sentences() -> None:
    for option in OPTIONS.values():
        assert re.fullmatch(r"[^|\n]{15,}\.", option.row.help), option.name
        assert option.accepts


def test_every_number_has_both_bounds() -> None:
    for option in OPTIONS.values():
        if option.base in (int, float):
            assert re.search(r"\d,? (up )?to \d", option.accepts), option.name


def test_only_passwords_are_secret() -> None:
    """And those of alarms (test_alarm_table)."""
    secrets = [name for name, option in OPTIONS.items() if option.row.secret]
    assert [name for name in secrets if not name.startswith("alarms.")] == [
        "node.password",
        "ledger.password",
    ]


def test_what_counts_for_a_kind_of_node_names_kinds_that_there_are() -> None:
    kinds = OPTIONS["node.kind"].choices
    for option in OPTIONS.values():
        assert set(option.row.kinds) <= (set(kinds) if option.section == SEVERAL else set()), option.name


def test_the_promised_defaults() -> None:
    assert {name: str(OPTIONS[name].default) for name in PROMISED} == PROMISED


PROMISED = {
    "server.listen": "0.0.0.0:3333",
    "server.handshake_timeout": "10.0",
    "server.setup_timeout": "10.0",
    "server.channel_timeout": "60.0",
    "server.idle_timeout": "300.0",
    "pool.max_jobs": "10",
    "pool.shares_per_minute": "6",
    "pool.address": "",
}


def test_the_authority_file_is_in_the_data_directory_unless_it_is_elsewhere() -> None:
    sections = {name: cls() for name, cls in SECTIONS.items() if name != SEVERAL} | {"nodes": (Node(),)}
    data, keys = SECTIONS["data"], SECTIONS["keys"]
    here = Config(**sections | {"data": data(dir=Path("/var/sluice"))})
    there = Config(
        **sections | {"data": data(dir=Path("/var/sluice")), "keys": keys(authority_file=Path("/k"))}
    )
    assert here.authority_file == Path("/var/sluice/authority.key")
    assert there.authority_file == Path("/k")
