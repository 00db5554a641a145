"""The difficulty of the embedded chain: after each block, from how long that block took.

Rule: a share of the last block's deviation goes into the next target, so that luck is smoothed and the mean
settles on the wanted interval. A block counts as at most a few intervals: a night without miners is not a
reason for a morning of blocks each second.
"""

from sluice.bitcoin.target import Target, nbits_from_target, target_from_nbits

EASIEST = target_from_nbits(0x207FFFFF)  # regtest's
HARDEST = Target(2**32)  # never reached; a target of zero could not be written down
SMOOTHING = 8  # blocks; more follows a changed hash rate later, fewer follows luck
LONGEST = 6  # intervals that one block counts at most: the easiest step is to 13/8 of the target
MILLI = 1_000


def next_target(target: Target, seconds: float, wanted_seconds: float) -> Target:
    """The target of the next block, when one at `target` took `seconds`; as nbits can say it.

    The hardest step, after a block at once, is to 7/8 of the target.
    """
    wanted = round(wanted_seconds * MILLI)
    took = min(max(round(seconds * MILLI), 0), LONGEST * wanted)
    following = target * (SMOOTHING * wanted + took - wanted) // (SMOOTHING * wanted)
    clamped = Target(min(max(following, HARDEST), EASIEST))
    return target_from_nbits(nbits_from_target(clamped))
