"""A list of networks, as an operator writes it: `127.0.0.0/8, ::1, 10.0.0.7`.

Rule: what is not a network is an error where the option is read, never a proxy that is silently not believed.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks; an address is in them if one of them has it."""

    parts: tuple[IPv4Network | IPv6Network, ...] = ()

    def __contains__(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in part for part in self.parts)

    def __str__(self) -> str:
        return ", ".join(map(str, self.parts))


def networks(text: str) -> Networks:
    """The networks and addresses in `text`, with commas between them; ValueError names the one that is none."""
    parts = [part.strip() for part in text.split(",")]
    return Networks(tuple(_network(part) for part in parts if part))


def is_network(text: str) -> bool:
    """Whether it is an address or a network."""
    try:
        _network(text.strip())
    except ValueError:
        return False
    return True


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is neither an address nor a network") from None
