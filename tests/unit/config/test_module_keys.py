"""The origin's keys, each an option of ours."""

import pytest

from sluice.config.module_keys import ENABLED, MODULE_KEYS, shard_of
from sluice.config.table import OPTIONS

ORIGINS = {
    "listen_addr": "0.0.0.0:3333",
    "difficulty_target": 1,
    "max_connections": 100,
    "pool_name": None,
    "extra_extranonce": None,
    "max_jobs": 10,
}


def test_the_keys_are_the_origin_s_with_its_defaults_and_one_of_ours() -> None:
    assert {key.key: key.default for key in MODULE_KEYS} == ORIGINS | {"payout_address": None}
    assert ENABLED not in ORIGINS


@pytest.mark.parametrize("key", MODULE_KEYS, ids=lambda key: key.key)
def test_each_key_is_an_option_and_says_what_it_is_for(key: object) -> None:
    from sluice.config.module_keys import ModuleKey

    assert isinstance(key, ModuleKey)
    option = OPTIONS[key.option]
    assert key.help.endswith(".")
    if key.default is not None:
        option.decode(key.default)


def test_extra_extranonce_bytes_are_the_shard() -> None:
    assert (shard_of("00"), shard_of("0f"), shard_of("ff")) == (0, 15, 255)


@pytest.mark.parametrize("value", ["", "1", "0102", "zz", 7, None])
def test_more_than_one_byte_is_refused_with_the_way_out(value: object) -> None:
    with pytest.raises(ValueError, match="one byte in hex"):
        shard_of(value)
