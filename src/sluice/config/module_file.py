"""The configuration of a module that a blvm-node has started: DATA_DIR/config.toml, and MODULE_CONFIG_ variables.

The file has the origin's flat keys; any other option of Sluice stands in its section, as in `sluice.toml`. The node
hands down its own settings for the module by name, in capitals, a section whole or with a dot before each key.
Rule: a variable outweighs the file, the file the origin's default, that ours; all mistakes are told at once.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sluice.config.checks import CHECKS, Check, address_is_given, pays_operator
from sluice.config.module_keys import ENABLED, FOR_THE_MODULE, MODULE_KEYS, NODES_OWN, ModuleKey
from sluice.config.option import meant
from sluice.config.read import conclude, text_of
from sluice.config.sources import Found, Mistake, Place, from_file
from sluice.config.statements import Statement
from sluice.config.table import OPTIONS, SECTIONS, Config

VARIABLE = "MODULE_CONFIG_"
FILE = "config.toml"
NO_NAMES = "a module has no thread in which a name could be looked up"
WHERE_ALARMS_GO = ("webhook_url", "ntfy_url", "telegram_url", "discord_url", "email_server")
STARTED = Place("the node's start")

_KEYS: Mapping[str, ModuleKey] = {key.key: key for key in MODULE_KEYS}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def payout_address_is_given(config: Config, _: int = 0) -> str | None:
    """As for `sluice run`, with the way out that a module has."""
    if config.pool.address or not pays_operator(config):
        return None
    return (
        'is not set, and blocks must pay someone: put payout_address = "bc1q..." into this file, or into '
        f"[modules.{FOR_THE_MODULE}] of the node's configuration"
    )


def listens_on_a_number(config: Config, _: int = 0) -> str | None:
    """A name takes a thread to be looked up, and a module has none (blvm-node, module/sandbox)."""
    return None if _is_numeric(config.server.listen.host) else f"must have a numeric address: {NO_NAMES}"


def node_is_a_number(config: Config, number: int = 0) -> str | None:
    """As above."""
    node = config.nodes[number]
    host = urlsplit(node.url).hostname or ""
    return (
        None
        if _is_numeric(host)
        else f"must have a numeric address, such as http://127.0.0.1:8332: {NO_NAMES}"
    )


def alarms_go_to_a_number(key: str) -> Callable[[Config, int], str | None]:
    """As above, for an option that says where alarms go; Telegram's counts if there is a bot."""

    def find(config: Config, _: int = 0) -> str | None:
        text = getattr(config.alarms, key)
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
        unused = key == "telegram_url" and not config.alarms.telegram_token
        return None if unused or not host or _is_numeric(host) else f"must have a numeric address: {NO_NAMES}"

    return find


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


CHECKS_OF_A_MODULE = (
    Check(("pool.address",), payout_address_is_given),
    Check(("server.listen",), listens_on_a_number),
    Check(("node.url",), node_is_a_number, per_node=True),
    *(Check((f"alarms.{key}",), alarms_go_to_a_number(key)) for key in WHERE_ALARMS_GO),
    *(check for check in CHECKS if check.find is not address_is_given),
)


@dataclass(frozen=True, slots=True)
class ModuleSettings:
    """What the module runs with; `ignored` are variables of the node's that mean nothing to us."""

    enabled: bool
    config: Config
    ignored: tuple[str, ...]


def read_module_config(
    directory: Path, environ: Mapping[str, str], given: Mapping[str, object]
) -> ModuleSettings:
    """The settings for `directory` (DATA_DIR); `given` is what follows from how we were started, if nobody says else.

    Raises ConfigError.
    """
    reading = _Reading(Found(), True, [])
    for key in MODULE_KEYS:
        if key.default is not None:
            reading.found.take(OPTIONS[key.option], key.default, Place("default"))
    # The origin takes any name: what its miners send as theirs is often where they connect to.
    reading.found.take(OPTIONS["accounts.names"], "any", Place("default"))
    for name, value in given.items():
        reading.found.take(OPTIONS[name], value, STARTED)
        reading.found.numbers.setdefault(0, STARTED)
    file = directory / FILE
    if file.exists():
        reading.read_file(text_of(file), str(file))
    reading.read_variables(environ)
    config = conclude(reading.found, file, CHECKS_OF_A_MODULE)
    return ModuleSettings(reading.enabled, config, tuple(reading.ignored))


@dataclass(slots=True)
class _Reading:
    """What was found so far. Mutable; one owner."""

    found: Found
    enabled: bool
    ignored: list[str]

    def read_file(self, text: str, name: str) -> None:
        """Flat keys are ours or unknown; what stands in a section is read as in any file of ours."""

        def take_flat(said: Statement) -> bool:
            flat = len(said.path) == 1 and not said.is_header and said.path[0] not in SECTIONS
            if flat:
                self._take(said.path[0], said.value, Place(name, said.line), lax=False)
            return flat

        in_sections = from_file(text, name, take_flat)
        self.found.lay_over(in_sections)

    def read_variables(self, environ: Mapping[str, str]) -> None:
        """What the node hands down; what we do not know may be of a newer node, and is no mistake."""
        for variable, text in sorted(environ.items()):
            name = variable.removeprefix(VARIABLE).lower()
            if not variable.startswith(VARIABLE) or name in NODES_OWN or not text:
                continue
            place = Place(f"environment {variable}")
            if name in OPTIONS:
                self.found.take(OPTIONS[name], text, place, lax=True)
            elif name in SECTIONS:
                self._take_section(name, text, place)
            elif name == ENABLED or name in _KEYS:
                self._take(name, text, place, lax=True)
            else:
                self.ignored.append(variable)

    def _take_section(self, section: str, text: str, place: Place) -> None:
        """A table, as blvm-node 0.1.83 writes one: `pool.shard,1,pool.tag,"a b"`, values as in TOML."""
        begins = list(re.finditer(rf"(?:^|,){section}\.(\w+),", text))
        ends = [*(each.start() for each in begins[1:]), len(text)]
        for begin, end in zip(begins, ends, strict=True):
            option = OPTIONS.get(f"{section}.{begin[1]}")
            if option is None:
                self.found.mistakes.append(Mistake(place, f"[{section}] has no key {begin[1]}"))
            else:
                self.found.take(option, _toml_value(text[begin.end() : end]), place, lax=True)

    def _take(self, name: str, value: object, place: Place, *, lax: bool) -> None:
        if name == ENABLED:
            self._enable(value, place)
            return
        key = _KEYS.get(name)
        if key is None:
            reason = f"there is no key {name}{meant(name, [*_KEYS, ENABLED])}"
            self.found.mistakes.append(Mistake(place, reason))
            return
        try:
            value = key.read(value)
        except ValueError as error:
            self.found.mistakes.append(Mistake(place, f"{name} {error}"))
            self.found.spoiled.add(key.option)
            return
        self.found.take(OPTIONS[key.option], value, place, lax=lax)

    def _enable(self, value: object, place: Place) -> None:
        truth = value if isinstance(value, bool) else _TRUTHS.get(str(value).lower())
        if truth is None:
            self.found.mistakes.append(Mistake(place, f"{ENABLED} must be true or false"))
        else:
            self.enabled = truth


def _toml_value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
