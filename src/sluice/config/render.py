"""The option table as people read it: a configuration file, and pages of documentation.

Rule: nothing here knows an option; `docs/configuration.md` and README's table are what these functions print.
"""

from collections.abc import Iterable, Mapping
from textwrap import wrap

from sluice.config.option import Option, written
from sluice.config.table import OPTIONS, SECTIONS
from sluice.exit_codes import MEANINGS

WIDTH = 98

FILE_OPENING = """\
# The configuration of Sluice. A line `#key = value` is a default: remove the # to set your own.
# Each option is an environment variable, too, and most are a flag of `sluice run` (those under
# [templates], of `sluice templates`). A flag outweighs the environment, which outweighs this file.
# `sluice config --check FILE` names every mistake in it.
"""

PAGE_OPENING = """\
# Configuration

*Printed from the option table by `make docs`; a test holds this page to it.*

`sluice config > sluice.toml` writes a file with every option, its default and its meaning; `sluice config
--check sluice.toml` names every mistake in one, with its line and the nearest valid name; `sluice run --config
sluice.toml` runs with it (so does `SLUICE_CONFIG=sluice.toml sluice run`).

Each option is also an environment variable (`pool.address` is `SLUICE_POOL__ADDRESS`), and most are a flag of
`sluice run`; those of `[templates]`, of `sluice templates`. A flag outweighs the environment, which outweighs the file, which outweighs the default. A variable
that is empty counts as not set. One option has no default and must be given: `pool.address`.

Several nodes are several tables, each under a line `[[node]]` ([nodes.md](nodes.md)). Flags are of the only node;
a variable says which one it means, counted from 0: `SLUICE_NODE__0__URL`, `SLUICE_NODE__1__URL`.
"""

FIRST_OPTIONS = (
    "pool.address",
    "server.listen",
    "node.url",
    "node.cookie_file",
    "node.user",
    "node.password",
    "node.zmq_hashblock",
    "pool.tag",
    "pool.shares_per_minute",
    "data.dir",
    "log.level",
)
"""What most people set, for the README."""


def configuration_file(values: Mapping[str, object] | None = None) -> str:
    """A commented TOML file with every option: those in `values` (by option name) set, the others as defaults."""
    return "\n".join([FILE_OPENING, *(_section_of_file(name, values or {}) for name in SECTIONS)])


def _section_of_file(name: str, values: Mapping[str, object]) -> str:
    lines = ["", f"# {SECTIONS[name].__doc__}", f"[{name}]"]
    for option in _options_of(name):
        lines += ["", *(f"# {line}" for said in _said(option) for line in _wrapped(said))]
        is_set = option.name in values
        value = values[option.name] if is_set else option.plain_default
        lines.append(f"{'' if is_set else '#'}{option.key} = {written(value)}")
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def _said(option: Option) -> tuple[str, str]:
    example = f" Example: {written(option.row.example)}." if option.row.example else ""
    names = " | ".join(filter(None, (option.accepts, option.flag, option.env)))
    return f"{option.help}{example}", names


def configuration_page() -> str:
    """docs/configuration.md."""
    sections = (
        f"## [{name}]\n\n{cls.__doc__}\n\n{_table(_options_of(name))}" for name, cls in SECTIONS.items()
    )
    return "\n".join([PAGE_OPENING, *sections, _exit_codes()])


def readme_table() -> str:
    """The options that most people set."""
    return _table(OPTIONS[name] for name in FIRST_OPTIONS)


def _options_of(section: str) -> list[Option]:
    return [option for option in OPTIONS.values() if option.section == section]


def _table(options: Iterable[Option]) -> str:
    head = "| option | default | accepts | flag | meaning |\n|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{option.name}` | {_default(option)} | {option.accepts} | {_code(option.flag)} | {option.help} |\n"
        for option in options
    )


def _default(option: Option) -> str:
    return "" if option.default == "" else f"`{written(option.plain_default)}`"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _exit_codes() -> str:
    rows = "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in MEANINGS.items())
    return f"## Exit codes\n\n| code | meaning |\n|---|---|\n{rows}"
