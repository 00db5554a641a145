"""The module's command line, as the node offers it (`stratum-v2 status`): which words, and what they print.

Rule: the texts are the origin's, as people and scripts know them; a word is understood with hyphens and with
underscores, an argument by position, as `--name N` and as `--name=N`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sluice.blvm.modules import CliArgSpec, CliSpec, CliSubcommandSpec
from sluice.module.manifest import CLI_NAME
from sluice.module.sight import Sight, shares_of, shares_of_all
from sluice.pool.inputs import Input, SetDifficulty

SPEC_VERSION = 1
ABOUT = "Stratum V2 mining server"
MOST_DIFFICULTY = (1 << 32) - 1  # the origin's is a u32


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command says; `wanted` is to be fed to the pool."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    wanted: Input | None = None


Argument = str
Run = Callable[[Sight, Mapping[Argument, str]], Printed]


@dataclass(frozen=True, slots=True)
class Command:
    """One word: what it does, in a sentence; the arguments that it needs, in order."""

    about: str
    run: Run
    arguments: tuple[Argument, ...] = ()


def _status(sight: Sight, given: Mapping[Argument, str]) -> Printed:
    view = sight.view
    shares = shares_of_all(view)
    lines = (
        "Stratum V2 server",
        f"Listen: {sight.place.listen}",
        f"Default difficulty: {sight.opening_difficulty:g}",
        f"Miners: {len(view.miners)}",
        f"Total shares: {shares.total}",
        f"Accepted: {shares.accepted}",
        f"Rejected: {shares.refused}",
    )
    return Printed("\n".join(lines))


def _list_pools(sight: Sight, given: Mapping[Argument, str]) -> Printed:
    miners = sight.view.miners
    numbered = [f"  {number}. {miner.address}" for number, miner in enumerate(miners, 1)]
    heading = (f"Pool: {sight.place.listen}", f"Connected miners ({len(miners)}):")
    return Printed("\n".join((*heading, *(numbered or ["  (none)"]))))


def _list_miners(sight: Sight, given: Mapping[Argument, str]) -> Printed:
    lines = []
    for miner in sight.view.miners:
        shares = shares_of(miner)
        lines.append(
            f"  {miner.address}: channels={len(miner.channels)} shares={shares.total} "
            f"accepted={shares.accepted} rejected={shares.refused}"
        )
    return Printed("\n".join((f"Connected miners ({len(lines)}):", *(lines or ["  (none)"]))))


def _config_path(sight: Sight, given: Mapping[Argument, str]) -> Printed:
    return Printed(sight.place.config_file)


def _set_difficulty(sight: Sight, given: Mapping[Argument, str]) -> Printed:
    text = given.get("difficulty", "")
    wanted = (
        int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_DIFFICULTY)) else 0
    )
    if not 1 <= wanted <= MOST_DIFFICULTY:
        return failed("Usage: set-difficulty <value> (positive integer)")
    return Printed(f"Default difficulty set to {wanted} for new channels", wanted=SetDifficulty(wanted))


COMMANDS: Mapping[str, Command] = {
    "status": Command("Show server state, connected miners, pool stats.", _status),
    "list-pools": Command("List pool listen address and connected miners.", _list_pools),
    "list-miners": Command("List connected miners with channel and share stats.", _list_miners),
    "config-path": Command("Print path to config file (config.toml).", _config_path),
    "set-difficulty": Command("Set default difficulty for new channels.", _set_difficulty, ("difficulty",)),
}


def run_command(sight: Sight, subcommand: str, arguments: Sequence[str]) -> Printed:
    """What a command line prints; what is wrong with it is on stderr, with exit code 1."""
    command = COMMANDS.get(subcommand.replace("_", "-"))
    if command is None:
        return failed(f"Unknown subcommand: {subcommand}. There are: {', '.join(COMMANDS)}")
    given = read_arguments(command.arguments, arguments)
    if isinstance(given, str):
        return failed(given)
    return command.run(sight, given)


def read_arguments(names: Sequence[Argument], words: Sequence[str]) -> Mapping[Argument, str] | str:
    """The arguments by name, or what cannot be understood."""
    given: dict[Argument, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            name = name.replace("-", "_")
            if not equals:
                value = left.pop(0) if left else ""
        else:
            name, value = next((name for name in names if name not in given), ""), word
        if name not in names:
            return f"Unexpected argument: {word}"
        given[name] = value
    return given


def failed(text: str) -> Printed:
    """A command that did not do what it was asked for."""
    return Printed(stderr=text, exit_code=1)


def cli_spec() -> CliSpec:
    """The commands as the node is told of them."""
    subcommands = tuple(
        CliSubcommandSpec(name, command.about, tuple(map(_argument, command.arguments)))
        for name, command in COMMANDS.items()
    )
    return CliSpec(SPEC_VERSION, CLI_NAME, ABOUT, subcommands)


def _argument(name: Argument) -> CliArgSpec:
    return CliArgSpec(name, name, None, True, True, None)
