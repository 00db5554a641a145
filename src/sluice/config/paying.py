"""Whom blocks pay on a network, by the configuration.

Rule: every address is checked against the network that the node is on before anybody mines; one that is another's
is refused with its option's name.
"""

from contextlib import suppress
from fractions import Fraction

from sluice.accounting.scheme import Pooled, Scheme, Solo
from sluice.bitcoin.address import AddressError, script_for_address
from sluice.bitcoin.network import NETWORKS, Network
from sluice.bitcoin.transaction import TxOut
from sluice.config.table import Config
from sluice.exit_codes import ExitCode, UserError
from sluice.tdp.constraints import Constraints, constraints_of
from sluice.work.job import Payout

#: Where there is nobody but finders to pay, the house's jobs, which no miner gets, pay nobody: OP_RETURN.
NOBODY = bytes.fromhex("6a")
#: What an output to any address takes at most: 34 bytes of script (P2WSH, P2TR), one operation for a signature (P2PKH).
ANY_OUTPUT = Constraints(43, 4)


class CannotPay(UserError):
    """A configured address is not one of the node's network."""

    exit_code = ExitCode.USAGE


def payout_of(config: Config, network: Network) -> Payout:
    """Whom the pool itself pays. Raises CannotPay, also for what its scheme pays."""
    scheme = scheme_of(config, network)
    script = scheme.fee_script if isinstance(scheme, Solo) else b""
    if config.pool.address or isinstance(scheme, Pooled):
        script = _script("pool.address", config.pool.address, network)
    return Payout(script or NOBODY, config.pool.tag.encode())


def scheme_of(config: Config, network: Network) -> Scheme:
    """Who is paid by a block. Raises CannotPay."""
    accounts = config.accounts
    if accounts.mode == Pooled.mode:
        return Pooled()
    if not accounts.fee_percent:
        return Solo()
    option, address = ("accounts.fee_address", accounts.fee_address)
    if not address:
        option, address = ("pool.address", config.pool.address)
    # A float's own text is the number that was written: 0.1 is one tenth.
    return Solo(Fraction(repr(accounts.fee_percent)) / 100, _script(option, address, network))


def can_pay(config: Config, network: Network) -> bool:
    """Whether the configured addresses are this network's."""
    try:
        payout_of(config, network)
    except CannotPay:
        return False
    return True


def room_for_payouts(config: Config) -> Constraints:
    """What our own outputs take in a coinbase: an address has the same script on each network that it is one for."""
    for network in NETWORKS:
        with suppress(CannotPay):
            house, scheme = payout_of(config, network), scheme_of(config, network)
            if isinstance(scheme, Pooled):
                return constraints_of(house.outputs(1))
            fee = constraints_of([TxOut(0, scheme.fee_script)] if scheme.fee else ())
            return Constraints(ANY_OUTPUT.size + fee.size, ANY_OUTPUT.sigops + fee.sigops)
    return Constraints()


def payout_in_words(config: Config) -> str:
    """For people: an address, or that it is the finder's, and what of it is not."""
    accounts = config.accounts
    if accounts.mode == Pooled.mode:
        return config.pool.address
    fee = f", less {accounts.fee_percent:g} %" if accounts.fee_percent else ""
    return f"the finder of each block{fee}"


def _script(option: str, address: str, network: Network) -> bytes:
    try:
        return script_for_address(address, network)
    except AddressError as error:
        raise CannotPay(f"the node is on {network.name}, and {option} is {error}") from error
