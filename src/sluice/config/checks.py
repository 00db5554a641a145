"""What must hold between options.

Rule: a check names the options that it looks at, and is skipped if one of them is already known to be wrong;
what it finds is a sentence with the way out, told at the place of its first option.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.bitcoin.address import AddressError, script_for_address
from sluice.bitcoin.network import NETWORKS, REGTEST, Network, network_of_chain
from sluice.config.table import Config


@dataclass(frozen=True, slots=True)
class Check:
    """`find` answers what is wrong, or nothing."""

    options: tuple[str, ...]
    find: Callable[[Config], str | None]


def address_is_given(config: Config) -> str | None:
    """Somebody must be paid, and we do not guess who."""
    if config.pool.address:
        return None
    return (
        "is not set, and blocks must pay someone: give your address in the file (address under [pool]), "
        "with --address, or as SLUICE_POOL__ADDRESS"
    )


def address_fits_network(config: Config) -> str | None:
    """The address has a script on the named network, or on any if none is named."""
    if not config.pool.address:
        return None
    named = network_of_config(config)
    reasons = [_address_error(config.pool.address, network) for network in ([named] if named else NETWORKS)]
    if None in reasons:
        return None
    reason = str(reasons[0])
    return f"cannot be paid: {reason if named else reason.replace(f' for {NETWORKS[0].name}', '')}"


def network_of_config(config: Config) -> Network | None:
    """The network that the configuration names; None if the node decides."""
    if config.node.network == "auto":
        return REGTEST if config.node.kind == "embedded" else None
    return network_of_chain(config.node.network)


def _address_error(address: str, network: Network) -> str | None:
    try:
        script_for_address(address, network)
    except AddressError as error:
        return str(error)
    return None


def embedded_is_regtest(config: Config) -> str | None:
    """The embedded chain knows one network."""
    if config.node.kind == "bitcoind" or config.node.network in ("auto", "regtest"):
        return None
    return "must be auto or regtest, as the embedded node is always on regtest (node.kind)"


def credentials_are_whole(config: Config) -> str | None:
    """A user comes with a password."""
    if config.node.password and not config.node.user:
        return "needs node.user beside it"
    if config.node.user and not config.node.password:
        return "is not set, though node.user is; leave out both to use the cookie file"
    return None


CHECKS = (
    Check(("pool.address",), address_is_given),
    Check(("pool.address", "node.network", "node.kind"), address_fits_network),
    Check(("node.network", "node.kind"), embedded_is_regtest),
    Check(("node.password", "node.user"), credentials_are_whole),
)
