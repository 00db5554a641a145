"""What must hold between options.

Rule: a check names the options that it looks at, and is skipped if one of them is already known to be wrong;
what it finds is a sentence with the way out, told at the place of its first option.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.bitcoin.address import AddressError, script_for_address
from sluice.bitcoin.network import NETWORKS, REGTEST, Network, network_of_chain
from sluice.config.alarm_checks import ALARM_CHECKS
from sluice.config.node_table import Node
from sluice.config.option import written
from sluice.config.table import Config
from sluice.noise.authority import SCHEME, URL_FORM, parse_pool_url


@dataclass(frozen=True, slots=True)
class Check:
    """`find` answers what is wrong, or nothing; it is asked for each node by its number, or once with 0."""

    options: tuple[str, ...]
    find: Callable[[Config, int], str | None]
    per_node: bool = False


def address_is_given(config: Config, _: int = 0) -> str | None:
    """Somebody must be paid, and we do not guess who."""
    if config.pool.address or not pays_operator(config):
        return None
    return (
        "is not set, and blocks must pay someone: give your address in the file (address under [pool]), "
        "with --address, or as SLUICE_POOL__ADDRESS"
    )


def address_fits_network(config: Config, _: int = 0) -> str | None:
    """The address has a script on the named network, or on any if none is named."""
    return _unfit(config, config.pool.address)


def _unfit(config: Config, address: str) -> str | None:
    if not address:
        return None
    named = network_of_config(config)
    reasons = [_address_error(address, network) for network in ([named] if named else NETWORKS)]
    if None in reasons:
        return None
    reason = str(reasons[0])
    return f"cannot be paid: {reason if named else reason.replace(f' for {NETWORKS[0].name}', '')}"


def pays_operator(config: Config) -> bool:
    """Whether any block pays pool.address, be it a fee."""
    accounts = config.accounts
    return accounts.mode == "pool" or bool(accounts.fee_percent and not accounts.fee_address)


def fee_address_fits_network(config: Config, _: int = 0) -> str | None:
    """As for pool.address."""
    return _unfit(config, config.accounts.fee_address)


def fee_is_of_a_solo_pool(config: Config, _: int = 0) -> str | None:
    """Where every block pays pool.address, nothing is left to take a fee of."""
    if config.accounts.mode == "solo" or not config.accounts.fee_percent:
        return None
    return 'is for mode = "solo": in pool mode every block pays pool.address, all of it'


def network_of_config(config: Config) -> Network | None:
    """The network that the configuration names, for one of the nodes; None if the nodes decide."""
    return next(filter(None, map(network_of_node, config.nodes)), None)


def network_of_node(node: Node) -> Network | None:
    """The network that is named for a node; None if it decides."""
    if node.network == "auto":
        return REGTEST if node.kind == "embedded" else None
    return network_of_chain(node.network)


def _address_error(address: str, network: Network) -> str | None:
    try:
        script_for_address(address, network)
    except AddressError as error:
        return str(error)
    return None


def embedded_is_regtest(config: Config, number: int = 0) -> str | None:
    """The embedded chain knows one network."""
    node = config.nodes[number]
    if node.kind != "embedded" or node.network in ("auto", "regtest"):
        return None
    return "must be auto or regtest, as the embedded node is always on regtest (node.kind)"


def nodes_are_on_one_network(config: Config, number: int = 0) -> str | None:
    """A pool mines on one network."""
    here = network_of_node(config.nodes[number])
    first = network_of_config(config)
    if here is None or first is None or here is first:
        return None
    return f"is {here.name} here, and an earlier node is on {first.name}: one pool mines on one network"


def names_differ(config: Config, number: int = 0) -> str | None:
    """Each node can be told from the others."""
    name = config.nodes[number].name
    if name not in (node.name for node in config.nodes[:number]):
        return None
    return f"{written(name)} is taken by an earlier node: each needs its own"


def url_is_of_its_kind(config: Config, number: int = 0) -> str | None:
    """A template provider is reached otherwise than a node's RPC."""
    node = config.nodes[number]
    provider = node.url.lower().startswith(f"{SCHEME}:")
    if node.kind == "template_provider" and not provider:
        return f"must be like {URL_FORM} for a template provider, as `sluice templates` prints it"
    if node.kind == "bitcoind" and provider:
        return (
            'is that of a template provider: set node.kind to "template_provider", or url to the node\'s RPC'
        )
    return None


def a_provider_needs_a_network(config: Config, number: int = 0) -> str | None:
    """The Template Distribution Protocol has no word for it."""
    if config.nodes[number].kind != "template_provider" or network_of_config(config):
        return None
    return (
        "is auto, and a template provider does not say which network it is on: name it "
        '(network = "main", or whichever it is) for this node or for another'
    )


def a_key_needs_encryption(config: Config, number: int = 0) -> str | None:
    """Who speaks in the clear shows no certificate."""
    node = config.nodes[number]
    provider = node.kind == "template_provider" and not url_is_of_its_kind(config, number)
    if not provider or node.encryption == "noise" or parse_pool_url(node.url).authority_key is None:
        return None
    return 'is "none", and a key at the end of node.url can be checked under encryption only: leave out one of them'


def credentials_are_whole(config: Config, number: int = 0) -> str | None:
    """A user comes with a password."""
    node = config.nodes[number]
    if node.password and not node.user:
        return "needs node.user beside it"
    if node.user and not node.password:
        return "is not set, though node.user is; leave out both to use the cookie file"
    return None


def a_password_has_a_user(config: Config, _: int = 0) -> str | None:
    """A database wants to know whose password it is."""
    ledger = config.ledger
    if ledger.password and "@" not in ledger.url:
        return "needs a user in ledger.url, as in postgresql://user@host:5432/name"
    return None


CHECKS = (
    Check(
        ("pool.address", "accounts.mode", "accounts.fee_percent", "accounts.fee_address"), address_is_given
    ),
    Check(("pool.address", "node.network", "node.kind"), address_fits_network),
    Check(("accounts.fee_address", "node.network", "node.kind"), fee_address_fits_network),
    Check(("accounts.fee_percent", "accounts.mode"), fee_is_of_a_solo_pool),
    Check(("node.network", "node.kind"), embedded_is_regtest, per_node=True),
    Check(("node.network", "node.kind"), nodes_are_on_one_network, per_node=True),
    Check(("node.name",), names_differ, per_node=True),
    Check(("node.url", "node.kind"), url_is_of_its_kind, per_node=True),
    Check(("node.network", "node.kind"), a_provider_needs_a_network, per_node=True),
    Check(("node.encryption", "node.url", "node.kind"), a_key_needs_encryption, per_node=True),
    Check(("node.password", "node.user"), credentials_are_whole, per_node=True),
    *(Check(options, find) for options, find in ALARM_CHECKS),
    Check(("ledger.password", "ledger.url"), a_password_has_a_user),
)
