"""What no template can say: the last look at an offer before it is raced against others.

Rule: only what is impossible is refused, whatever the node; what is merely odd is for people to see. A node that
was pointed at another chain, or whose clock is wrong, must not win by offering what nobody could be paid.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.bitcoin.network import COIN, Network, subsidy
from sluice.bitcoin.target import target_from_nbits
from sluice.work.template import Template

#: Satoshis. The most that a block's fees ever came to is some 300 coins, by mistake.
MOST_FEES = 1_000 * COIN
#: Seconds that a header may be ahead of the clock: the network allows 7,200.
AHEAD_SECONDS = 7_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A template, and what it has to fit."""

    template: Template
    network: Network
    unix_time: float


def _too_rich(it: Offer) -> str:
    template = it.template
    most = subsidy(template.height, it.network) + _most_fees(template)
    if template.coinbase_value <= most:
        return ""
    return f"a reward of {template.coinbase_value} satoshis at height {template.height}, where {most} are the most"


def _most_fees(template: Template) -> int:
    """Not every kind of node says what the fees come to; without transactions there are none."""
    return min(template.fees or (MOST_FEES if template.merkle_path else 0), MOST_FEES)


def _too_late(it: Offer) -> str:
    ahead = it.template.min_ntime - it.unix_time
    return f"a block of {ahead:.0f} seconds from now" if ahead > AHEAD_SECONDS else ""


def _nowhere(it: Offer) -> str:
    return f"a block at height {it.template.height}" if it.template.height < 1 else ""


def _without_target(it: Offer) -> str:
    try:
        target_from_nbits(it.template.nbits)
    except ValueError as error:
        return f"a block of which no hash can be good ({error})"
    return ""


IMPOSSIBLE: tuple[Callable[[Offer], str], ...] = (_nowhere, _without_target, _too_rich, _too_late)


def implausible(offer: Offer) -> str:
    """What is impossible about the offer, in words; empty if nothing is."""
    return next(filter(None, (find(offer) for find in IMPOSSIBLE)), "")
