"""Calls of the node's, as they come over the wire."""

import pytest
from msgspec import json

from sluice.blvm.modules import Call, CliCall, CliResult, ModuleApiCall, ModuleApiResult, RpcCall
from sluice.module.module import Answer, Module
from sluice.pool.inputs import SetDifficulty
from support.module import seen_at_work


def method(name: str, params: bytes = b"") -> ModuleApiCall:
    return ModuleApiCall(name, params, "unknown")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (CliCall("config_path", ()), Answer(CliResult("data/blvm-stratum-v2/config.toml", "", 0))),
        (
            CliCall("set-difficulty", ("--difficulty=4",)),
            Answer(CliResult("Default difficulty set to 4 for new channels", "", 0), SetDifficulty(4)),
        ),
        (
            CliCall("set-difficulty", ("0",)),
            Answer(CliResult("", "Usage: set-difficulty <value> (positive integer)", 1)),
        ),
        (method("get_connected_miners"), Answer(ModuleApiResult(b'{"miners":[]}'))),
        (method("nonsense"), Answer("Unknown method: nonsense")),
        (method("register_merge_mining_channel", b"{}"), Answer("missing chain_id")),
        (RpcCall("getfoo"), Answer("getfoo is no RPC method of this module")),
    ],
)
def test_each_call_has_its_answer(call: Call, answer: Answer) -> None:
    assert Module().answer(call, seen_at_work()) == answer


def test_what_one_call_registers_the_next_one_knows() -> None:
    module, sight = Module(), seen_at_work()
    module.answer(method("register_merge_mining_channel", b'{"chain_id":"namecoin"}'), sight)
    answer = module.answer(method("get_merge_mining_template", b'{"chain_id":"namecoin"}'), sight)
    assert isinstance(answer.result, ModuleApiResult)
    assert json.decode(answer.result.value)["template"]["chain_id"] == "namecoin"
