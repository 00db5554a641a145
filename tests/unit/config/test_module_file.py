"""What a node's module is configured by: the origin's keys, a file, variables."""

from pathlib import Path

import pytest

from sluice.config import ConfigError
from sluice.config.module_file import FILE, ModuleSettings, read_module_config
from sluice.config.values import Endpoint

ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
ADDRESSED = {"MODULE_CONFIG_PAYOUT_ADDRESS": ADDRESS}


def read(
    tmp_path: Path, text: str = "", environ: dict[str, str] | None = None, **given: object
) -> ModuleSettings:
    if text:
        (tmp_path / FILE).write_text(text)
    options = {name.replace("__", "."): value for name, value in given.items()}
    return read_module_config(tmp_path, environ or {}, options)


def mistakes(tmp_path: Path, text: str = "", environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text, environ)
    return [str(mistake).replace(f"{tmp_path}/", "") for mistake in error.value.mistakes]


def test_without_a_word_the_defaults_are_the_origin_s(tmp_path: Path) -> None:
    settings = read(tmp_path, environ=ADDRESSED)
    config = settings.config
    assert settings.enabled
    assert config.server.listen == Endpoint("0.0.0.0", 3333)
    assert (config.server.max_connections, config.pool.default_difficulty, config.pool.max_jobs) == (
        100,
        1,
        10,
    )
    assert config.accounts.names == "any"
    assert (config.pool.tag, config.pool.shard, config.pool.address) == ("Sluice", 0, ADDRESS)


def test_the_file_has_flat_keys_and_our_sections(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        'listen_addr = "127.0.0.1:0"\ndifficulty_target = 8\nmax_connections = 20\npool_name = "mine"\n'
        f'extra_extranonce = "07"\nmax_jobs = 5\npayout_address = "{ADDRESS}"\n'
        '[pool]\nshares_per_minute = 30\n[log]\nlevel = "debug"\n',
    ).config
    assert config.server.listen == Endpoint("127.0.0.1", 0)
    assert (config.pool.default_difficulty, config.server.max_connections) == (8, 20)
    assert (config.pool.tag, config.pool.shard, config.pool.max_jobs) == ("mine", 7, 5)
    assert (config.pool.shares_per_minute, config.log.level) == (30, "debug")


def test_a_variable_outweighs_the_file_and_may_name_any_option(tmp_path: Path) -> None:
    environ = ADDRESSED | {
        "MODULE_CONFIG_LISTEN_ADDR": "127.0.0.1:4444",
        "MODULE_CONFIG_DIFFICULTY_TARGET": "16",
        "MODULE_CONFIG_EXTRA_EXTRANONCE": "ff",
        "MODULE_CONFIG_POOL.SHARES_PER_MINUTE": "12",
    }
    config = read(tmp_path, "listen_addr = '127.0.0.1:1'\ndifficulty_target = 2\n", environ).config
    assert config.server.listen.port == 4444
    assert (config.pool.default_difficulty, config.pool.shard, config.pool.shares_per_minute) == (16, 255, 12)


def test_a_section_comes_whole_from_a_node_of_today(tmp_path: Path) -> None:
    environ = ADDRESSED | {
        "MODULE_CONFIG_POOL": 'pool.shares_per_minute,600,pool.tag,"a, b",pool.ack_milliseconds,7',
        "MODULE_CONFIG_LOG": "log.level,debug",
    }
    config = read(tmp_path, environ=environ).config
    assert (config.pool.shares_per_minute, config.pool.tag, config.pool.ack_milliseconds) == (600, "a, b", 7)
    assert config.log.level == "debug"


def test_what_follows_from_how_we_were_started_is_a_default(tmp_path: Path) -> None:
    assert read(tmp_path, "", ADDRESSED, data__dir=str(tmp_path)).config.data.dir == tmp_path
    config = read(tmp_path, f"[data]\ndir = '{tmp_path}/x'\n", ADDRESSED, data__dir=str(tmp_path)).config
    assert config.data.dir == tmp_path / "x"


def test_what_the_node_hands_down_to_everybody_is_no_mistake(tmp_path: Path) -> None:
    own = dict.fromkeys(
        ["VERSION", "DATABASE_BACKEND", "NODE_P2P_LISTEN_IP", "NODE_P2P_LISTEN_PORT", "SOME_NEW_THING"], "x"
    )
    environ = ADDRESSED | {f"MODULE_CONFIG_{name}": value for name, value in own.items()}
    assert read(tmp_path, environ=environ).ignored == ("MODULE_CONFIG_SOME_NEW_THING",)


@pytest.mark.parametrize(
    ("said", "enabled"), [("true", True), ("1", True), ("false", False), ("FALSE", False), ("0", False)]
)
def test_a_module_can_be_switched_off(tmp_path: Path, said: str, enabled: bool) -> None:
    environ = ADDRESSED | {"MODULE_CONFIG_ENABLED": said}
    assert read(tmp_path, "enabled = true\n", environ).enabled is enabled
    assert read(tmp_path, "enabled = false\n", ADDRESSED).enabled is False


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        ("listen_adr = 'x'\n", ADDRESSED, 'config.toml, line 1: there is no key listen_adr; did you mean "listen_addr"?'),
        ("\nextra_extranonce = '0102'\n", ADDRESSED, "config.toml, line 2: extra_extranonce must be one byte in hex"),
        ("max_jobs = 'x'\n", ADDRESSED, "config.toml, line 1: pool.max_jobs must be a whole number from 2 to 100"),
        ("enabled = 'maybe'\n", ADDRESSED, "config.toml, line 1: enabled must be true or false"),
        ("[sever]\nlisten = '127.0.0.1:1'\n", ADDRESSED, "config.toml, line 1: there is no section [sever]"),
        ("max_jobs = \n", ADDRESSED, "config.toml, line 1: not TOML"),
        ("", ADDRESSED | {"MODULE_CONFIG_POOL": "pool.shrad,1"}, "environment MODULE_CONFIG_POOL: [pool] has no key shrad"),
        ("listen_addr = 'localhost:1'\n", ADDRESSED, "config.toml, line 1: server.listen must have a numeric address"),
        ("[node]\nkind = 'blvm'\nurl = 'http://x:1'\n", ADDRESSED, "config.toml, line 3: node.url must have a numeric address"),
        ("[alarms]\nwebhook_url = 'http://x/KEY'\n", ADDRESSED, "config.toml, line 2: alarms.webhook_url must have a numeric address"),
        ("[alarms]\nemail_to = 'a@h'\nemail_server = 'mail:25'\n", ADDRESSED, "config.toml, line 3: alarms.email_server must have a numeric address"),
        ("[alarms]\ntelegram_token = '1:A'\ntelegram_chat = '5'\n", ADDRESSED, "config.toml: alarms.telegram_url must have a numeric address"),
        ("", {}, "config.toml: pool.address is not set, and blocks must pay someone: put payout_address"),
        ("", ADDRESSED | {"MODULE_CONFIG_MAX_JOBS": "1"}, "environment MODULE_CONFIG_MAX_JOBS: pool.max_jobs must be"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place(tmp_path: Path, text: str, environ: dict[str, str], words: str) -> None:
    (told, *others) = mistakes(tmp_path, text, environ)
    assert told.startswith(words)
    assert others == []


def test_who_loads_it_may_want_addresses_for_names(tmp_path: Path) -> None:
    said = {**ADDRESSED, "MODULE_CONFIG_ACCOUNTS.NAMES": "address"}
    assert read(tmp_path, environ=said).config.accounts.names == "address"
    assert read(tmp_path, '[accounts]\nnames = "address"\n', ADDRESSED).config.accounts.names == "address"
