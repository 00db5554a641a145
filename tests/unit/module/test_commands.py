"""The module's words, and what they print."""

from dataclasses import replace

import pytest

from sluice.bitcoin.target import target_from_difficulty
from sluice.module.commands import COMMANDS, Printed, cli_spec, read_arguments, run_command
from sluice.pool.inputs import SetDifficulty
from support.module import seen_at_work
from support.pool import POLICY

USAGE = "Usage: set-difficulty <value> (positive integer)"

SAYS = [
    (
        "status",
        (
            "Stratum V2 server\nListen: 0.0.0.0:3333\nDefault difficulty: 1\nMiners: 2\n"
            "Total shares: 6\nAccepted: 5\nRejected: 1"
        ),
    ),
    ("list-pools", "Pool: 0.0.0.0:3333\nConnected miners (2):\n  1. 192.0.2.1:1\n  2. 192.0.2.1:2"),
    (
        "list-miners",
        (
            "Connected miners (2):\n  192.0.2.1:1: channels=1 shares=4 accepted=3 rejected=1\n"
            "  192.0.2.1:2: channels=1 shares=2 accepted=2 rejected=0"
        ),
    ),
    ("config-path", "data/blvm-stratum-v2/config.toml"),
]


@pytest.mark.parametrize(("word", "text"), SAYS)
def test_a_word_prints_what_the_origin_s_prints(word: str, text: str) -> None:
    policy = replace(POLICY, default_target=target_from_difficulty(1))
    sight = seen_at_work(miners=2, shares=2, policy=policy)
    assert run_command(sight, word, ()) == Printed(text)
    assert run_command(sight, word.replace("-", "_"), ()) == Printed(text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("list-pools", "Pool: 0.0.0.0:3333\nConnected miners (0):\n  (none)"),
        ("list-miners", "Connected miners (0):\n  (none)"),
    ],
)
def test_a_pool_without_miners_says_so(word: str, text: str) -> None:
    assert run_command(seen_at_work(), word, ()).stdout == text


@pytest.mark.parametrize("word", ["set-difficulty", "set_difficulty"])
@pytest.mark.parametrize("arguments", [("8",), ("--difficulty", "8"), ("--difficulty=8",)])
def test_the_difficulty_is_set_in_each_form(word: str, arguments: tuple[str, ...]) -> None:
    printed = run_command(seen_at_work(), word, arguments)
    assert printed == Printed("Default difficulty set to 8 for new channels", wanted=SetDifficulty(8))


@pytest.mark.parametrize(
    "arguments",
    [(), ("0",), ("-1",), ("1.5",), ("x",), ("",), ("4294967296",), ("9" * 5000,), ("--difficulty",), ("٣",)],
)
def test_what_is_no_difficulty_changes_nothing(arguments: tuple[str, ...]) -> None:
    printed = run_command(seen_at_work(), "set-difficulty", arguments)
    assert (printed.stdout, printed.exit_code, printed.wanted) == ("", 1, None)


def test_the_usage_is_the_origin_s() -> None:
    assert run_command(seen_at_work(), "set-difficulty", ("0",)).stderr == USAGE


@pytest.mark.parametrize(
    ("word", "arguments", "error"),
    [
        ("reboot", (), f"Unknown subcommand: reboot. There are: {', '.join(COMMANDS)}"),
        ("status", ("now",), "Unexpected argument: now"),
        ("set-difficulty", ("--speed=1",), "Unexpected argument: --speed=1"),
        ("set-difficulty", ("1", "2"), "Unexpected argument: 2"),
    ],
)
def test_what_is_not_understood_is_named(word: str, arguments: tuple[str, ...], error: str) -> None:
    assert run_command(seen_at_work(), word, arguments) == Printed(stderr=error, exit_code=1)


def test_an_argument_named_twice_is_the_last_one() -> None:
    assert read_arguments(("difficulty",), ("--difficulty=1", "--difficulty", "2")) == {"difficulty": "2"}


def test_the_node_is_told_of_every_command() -> None:
    spec = cli_spec()
    assert (spec.version, spec.name) == (1, "stratum-v2")
    assert [command.name for command in spec.subcommands] == list(COMMANDS)
    (argument,) = spec.subcommands[-1].args
    assert (argument.name, argument.long_name, argument.required) == ("difficulty", "difficulty", True)
