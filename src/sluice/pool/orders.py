"""What an operator has ordered for names and addresses, until told otherwise: a difficulty, a ban.

A name is an account, or one worker of it (`account.worker`, also `_`); a ban may also be for an address or a network.
Rule: the closest order counts, that for a worker before that for its account; an order that cannot be is refused with
a sentence. Found by dictionaries alone, as every channel and every connection that opens asks.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import isfinite

from msgspec import Struct

from sluice.accounting.name import earner_of
from sluice.legible import writable

#: Orders of each kind: a list that a person keeps has dozens, one that a script keeps should expire.
MOST_ORDERS = 10_000
#: Letters of a name: 255 bytes, each spelt out if it is none.
MOST_LETTERS = 1_020
#: Above all that any network has had, or any miner could find a share at.
MOST_DIFFICULTY = 1e18
#: Bits of a network, fewer of which stand for so much of the world that it is a slip of the pen.
LEAST_BITS = {4: 8, 6: 16}
#: Bits before an IPv4 address that comes dressed as IPv6.
MAPPED_BITS = 96
#: Ten years: what is longer is for good.
MOST_SECONDS = 315_360_000.0

Network = IPv4Network | IPv6Network


class OrderRefused(Exception):
    """An order that cannot be; the text says why, and the way out."""


class Standing(Struct, frozen=True):
    """All orders, as they are kept over a restart; bans by what is banned, until when in unix seconds, or for good."""

    fixed: dict[str, float] = {}
    bans: dict[str, int | None] = {}


class Orders:
    """Mutable; one owner. `now` is in unix seconds."""

    __slots__ = ("_networks", "bans", "fixed")

    def __init__(self) -> None:
        #: Difficulty by name.
        self.fixed: dict[str, float] = {}
        #: Until when, by name, address or network; None: for good.
        self.bans: dict[str, int | None] = {}
        #: What is banned, by version and bits of its network, and by that network's first address.
        self._networks: dict[tuple[int, int], dict[int, str]] = {}

    def fix(self, name: str, difficulty: float | None) -> str:
        """Set a name's difficulty, or leave it to vardiff again (None); the name as it is kept. Raises OrderRefused."""
        known = name_of(name)
        if difficulty is None:
            self.fixed.pop(known, None)
            return known
        if not (isfinite(difficulty) and 0 < difficulty <= MOST_DIFFICULTY):
            raise OrderRefused(
                f"a difficulty is above zero and at most {MOST_DIFFICULTY:g}, not {difficulty:g}"
            )
        if known not in self.fixed:
            _has_room(self.fixed)
        self.fixed[known] = float(difficulty)
        return known

    def difficulty_for(self, user: str) -> float | None:
        """What is ordered for a channel of this name; None if nothing is."""
        if not self.fixed:
            return None
        return next((self.fixed[name] for name in names_of(user) if name in self.fixed), None)

    def ban(self, what: str, until: int | None, now: int) -> str:
        """Ban a name, an address or a network; what is banned, as it is kept. Raises OrderRefused."""
        network = network_of(what)
        known = shown(network) if network else name_of(what)
        if known not in self.bans and len(self.bans) >= MOST_ORDERS:
            self.expire(now)
            _has_room(self.bans)
        self.bans[known] = until
        if network:
            first = int(network.network_address)
            self._networks.setdefault((network.version, network.prefixlen), {})[first] = known
        return known

    def unban(self, what: str) -> str:
        """Take it again; what was banned. Raises OrderRefused."""
        network = network_of(what)
        known = shown(network) if network else name_of(what)
        if known not in self.bans:
            raise OrderRefused(f"{known} is not banned: `sluice bans` lists who is")
        self._forget(known)
        return known

    def expire(self, now: int) -> None:
        """Forget the bans that are over."""
        for known in [what for what, until in self.bans.items() if until is not None and until <= now]:
            self._forget(known)

    def bans_name(self, user: str, now: int) -> bool:
        """Whether a channel of this name may not open."""
        return bool(self.bans) and any(self._holds(name, now) for name in names_of(user))

    def bans_address(self, address: str, now: int) -> str:
        """The ban that a connection from `host:port` falls under; empty if there is none."""
        if not self._networks:
            return ""
        host = _host_of(address)
        if host is None:
            return ""
        number = int(host)
        for (version, bits), networks in self._networks.items():
            if version == host.version:
                known = networks.get(number >> (host.max_prefixlen - bits) << (host.max_prefixlen - bits))
                if known is not None and self._holds(known, now):
                    return known
        return ""

    def standing(self, now: int) -> Standing:
        """What is to be kept. What is over is not forgotten for being looked at: a clock may be ahead for a moment."""
        return Standing(
            dict(self.fixed), {what: until for what, until in self.bans.items() if self._holds(what, now)}
        )

    def restore(self, kept: Standing, now: int) -> Iterator[str]:
        """Take up what was kept; a sentence for each order that cannot be any more."""
        for name, difficulty in kept.fixed.items():
            try:
                self.fix(name, difficulty)
            except OrderRefused as error:
                yield str(error)
        for what, until in kept.bans.items():
            try:
                self.ban(what, until, now)
            except OrderRefused as error:
                yield str(error)

    def _holds(self, known: str, now: int) -> bool:
        if known not in self.bans:
            return False
        until = self.bans[known]
        return until is None or until > now

    def _forget(self, known: str) -> None:
        del self.bans[known]
        if network := network_of(known):
            del self._networks[network.version, network.prefixlen][int(network.network_address)]
            if not self._networks[network.version, network.prefixlen]:
                del self._networks[network.version, network.prefixlen]


def names_of(user: str) -> tuple[str, ...]:
    """What a channel of this name can be ordered by: its worker first, then its account."""
    account, worker = earner_of(writable(user))
    return (f"{account}.{worker}", account) if worker else (account,)


def name_of(text: str) -> str:
    """A name as orders are kept under. Raises OrderRefused."""
    if not 0 < len(text) <= MOST_LETTERS:
        raise OrderRefused(f"a name has 1 to {MOST_LETTERS} letters, not {len(text)}")
    return names_of(text)[0]


def network_of(text: str) -> Network | None:
    """The address (with a port or without) or network that is meant; None: a name is. Raises OrderRefused."""
    if host := _host_of(text):
        return ip_network(host)
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        if _host_of(text.partition("/")[0]) is None:
            return None
        raise OrderRefused(f"{writable(text)} is no address and no network: {error}") from error
    first = network.network_address
    if isinstance(first, IPv6Address) and first.ipv4_mapped and network.prefixlen >= MAPPED_BITS:
        # Who comes from there is known by its IPv4 address.
        network = ip_network((first.ipv4_mapped, network.prefixlen - MAPPED_BITS))
    if network.prefixlen < LEAST_BITS[network.version]:
        raise OrderRefused(
            f"{network} is too much of the world: a network has {LEAST_BITS[network.version]} bits or more"
        )
    return network


def shown(network: Network) -> str:
    """As people write it: a single address without its bits."""
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def _host_of(address: str) -> IPv4Address | IPv6Address | None:
    """The address of `host`, `host:port` or `[host]:port`; that of IPv4 also where it comes dressed as IPv6."""
    host = address
    if address.startswith("["):
        host = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        host = address.partition(":")[0]
    try:
        parsed = ip_address(host)
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed


def _has_room(orders: dict[str, float] | dict[str, int | None]) -> None:
    if len(orders) >= MOST_ORDERS:
        raise OrderRefused(f"there are {MOST_ORDERS} orders of this kind, which are the most: take some back")
