"""Whose work it is: the name under which a channel was opened, taken apart and checked.

    bc1q….rig7   →  account bc1q…, worker rig7
    alice_attic  →  account alice, worker attic

Rule: a name is taken as it is, so that the same name is the same account for ever; only an address that may be
written in capitals as well (BIP173) is one account in either form. What looks like an address and is none here is
refused, never credited or paid as something else.
"""

import re
from enum import Enum
from typing import NamedTuple

from sluice.bitcoin.address import SEGWIT_BEGINNINGS, AddressError, looks_like_address, script_for_address
from sluice.bitcoin.network import NETWORKS, Network

#: What stands between an account and a worker; whichever comes first.
_SEPARATOR = re.compile("[._]")
#: Letters of the longest address (BIP173). A name may have 255 bytes: so much of it is not even parsed.
LONGEST_ADDRESS = 90


class Names(Enum):
    """Which names may mine."""

    #: Those that begin with an address.
    ADDRESS = "address"
    #: All, but what looks like an address has to be one.
    ANY = "any"


class Earner(NamedTuple):
    """Who is credited: an account, and which of its workers; empty if it names none."""

    account: str
    worker: str

    @property
    def name(self) -> str:
        """As a channel would be opened for it: `account.worker`, or the account alone."""
        return f"{self.account}.{self.worker}" if self.worker else self.account


class Known(NamedTuple):
    """A name that may mine: whom it credits, and the script that pays its address; empty if it has none."""

    earner: Earner
    script: bytes


class Stranger(NamedTuple):
    """A name that may not, in a sentence with the way out. `elsewhere`: its address is another network's."""

    reason: str
    elsewhere: bool = False


def earner_of(name: str, worker: str = "") -> Earner:
    """The earner that `name` stands for; `worker`, if the miner named one with the share, outweighs the name's."""
    found = _SEPARATOR.search(name)
    if found is None:
        return Earner(_one_form(name), worker)
    cut = found.start()
    return Earner(_one_form(name[:cut]), worker or name[cut + 1 :])


def look_up(name: str, network: Network, names: Names) -> Known | Stranger:
    """What `name` stands for on `network`, or why it may not mine."""
    earner = earner_of(name)
    account = earner.account
    if names is Names.ANY and not looks_like_address(account):
        return Known(earner, b"")
    if not account:
        return Stranger(f"the name is empty, and {_WANTED}{_way_out(names)}")
    if len(account) > LONGEST_ADDRESS:
        return Stranger(f"{len(account)} letters are no address, and {_WANTED}{_way_out(names)}")
    try:
        return Known(earner, script_for_address(account, network))
    except AddressError as error:
        elsewhere = any(_is_address(account, other) for other in NETWORKS)
        return Stranger(f"{error}; {_WANTED}{_way_out(names)}", elsewhere)


_WANTED = "a name is the address to be paid, and .worker behind it if you like"


def _way_out(names: Names) -> str:
    """What an operator may do about it."""
    return '; accounts.names = "any" takes names without an address, too' if names is Names.ADDRESS else ""


def _one_form(account: str) -> str:
    """A segwit address in capitals is the same address (BIP173); every other text is another account."""
    small = account.lower()
    return small if small.startswith(SEGWIT_BEGINNINGS) and account == account.upper() else account


def _is_address(account: str, network: Network) -> bool:
    try:
        script_for_address(account, network)
    except AddressError:
        return False
    return True
