"""Who asks: the address that requests are counted under.

Rule: a proxy is believed only if the operator named it; of a chain of forwarders the nearest one that is not ours is the
visitor, since all before it can be made up. An IPv6 visitor is its /64, as a household has 2^64 addresses.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from sluice.web.limits.networks import Networks

#: The bits of an IPv6 address that a network operator gives to one customer at the least.
ONE_CUSTOMER = 64
#: Forwarders that are looked at, from the nearest on; longer chains are made up.
MOST_FORWARDERS = 16
#: Who has no address, as over a Unix socket.
NOBODY = "?"


def visitor(peer: str, forwarded: Iterable[str], trusted: Networks) -> str:
    """The visitor of a connection from `peer` with these X-Forwarded-For headers, in their order.

    An address, or an IPv6 network; `peer` as it stands if it is not an address.
    """
    nearest = address_of(peer)
    if nearest is None:
        return peer or NOBODY
    for claim in _from_the_nearest(forwarded):
        if nearest not in trusted:
            break
        before = address_of(claim)
        if before is None:
            break
        nearest = before
    return _counted_as(nearest)


def is_local(who: str) -> bool:
    """Whether `who`, as `visitor` gave it, is on this machine."""
    try:
        return ip_network(who).is_loopback
    except ValueError:
        return False


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `text`, which some proxies give with a port or in brackets."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _from_the_nearest(forwarded: Iterable[str]) -> Sequence[str]:
    claims = [claim.strip() for header in forwarded for claim in header.split(",")]
    return claims[::-1][:MOST_FORWARDERS]


def _counted_as(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address) or address.is_loopback:
        return str(address)
    return str(IPv6Network((address, ONE_CUSTOMER), strict=False))
