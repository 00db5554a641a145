"""The shares of one channel on their way, and what the server says of them (spec 5.3.11 to 5.3.14).

Rule: an acknowledgement names a last sequence number and a count, not shares. When the count leaves some waiting,
which of them were meant is open, and a later refusal decides; the counts are right either way.
"""

from collections import Counter, OrderedDict
from fractions import Fraction
from math import ceil, floor

from sluice.sim.miner.rules import Rule, RuleBroken

#: A server that leaves this many unanswered has gone: at a share a second that is 18 hours.
MAX_WAITING = 1 << 16
#: Words are the server's: it must not fill our memory with them.
MAX_REASONS = 64
OTHER_REASONS = "other"


def counted_as(reason: str, counts: Counter[str]) -> str:
    """The word under which to count a refusal: the server's, as long as there is room for it."""
    return reason if reason in counts or len(counts) < MAX_REASONS else OTHER_REASONS


class Submissions:
    """Numbers shares, and keeps the score. `blocks` are shares that met the network's target, unless refused."""

    __slots__ = ("_next", "_open", "_waiting", "accepted", "accepted_difficulty", "blocks", "refused")

    def __init__(self) -> None:
        self.accepted = 0
        self.accepted_difficulty = Fraction(0)
        self.blocks = 0
        self.refused: Counter[str] = Counter()
        self._next = 1
        self._waiting: OrderedDict[int, tuple[Fraction, bool]] = OrderedDict()
        #: taken for accepted by an acknowledgement that left others waiting
        self._open: OrderedDict[int, tuple[Fraction, bool]] = OrderedDict()

    @property
    def submitted(self) -> int:
        """How many shares were sent."""
        return self._next - 1

    @property
    def waiting(self) -> int:
        """How many of them have no answer yet."""
        return len(self._waiting)

    def add(self, difficulty: Fraction, is_block: bool) -> int:
        """The sequence number for one more share. RuleBroken when the server stopped answering."""
        if len(self._waiting) == MAX_WAITING:
            raise RuleBroken(Rule.SHARES_ANSWERED, f"{MAX_WAITING} shares are without an answer")
        sequence = self._next
        self._next += 1
        self._waiting[sequence] = difficulty, is_block
        self.blocks += is_block
        return sequence

    def acknowledge(self, last: int, count: int, total: int) -> None:
        """SubmitShares.Success: `count` shares up to number `last`, of a summed difficulty of `total`."""
        if not 0 < last < self._next:
            raise RuleBroken(
                Rule.ACK_SEQUENCE_SENT, f"share {last} is acknowledged, {self.submitted} were sent"
            )
        self._recall(last, count)
        candidates = sorted(sequence for sequence in self._waiting if sequence <= last)
        if count > len(candidates):
            raise RuleBroken(
                Rule.ACK_COUNT,
                f"{count} shares are acknowledged up to number {last}, {len(candidates)} are waiting",
            )
        self._check_sum(last, count, total)
        certain = count == len(candidates)
        if not certain and last in self._waiting:  # that one is meant; of the others, any
            candidates = [last, *candidates[:-1]]
        for sequence in candidates[:count]:
            share = self._waiting.pop(sequence)
            self.accepted += 1
            self.accepted_difficulty += share[0]
            if not certain:
                self._remember(sequence, share)

    def refuse(self, sequence: int, reason: str) -> bool:
        """SubmitShares.Error for one share. True if it was a block."""
        if not 0 < sequence < self._next:
            raise RuleBroken(
                Rule.ERROR_SEQUENCE_SENT, f"share {sequence} is refused, {self.submitted} were sent"
            )
        if sequence not in self._waiting:
            self._take_back(sequence, reason)
        _, was_block = self._waiting.pop(sequence)
        self.refused[counted_as(reason, self.refused)] += 1
        self.blocks -= was_block
        return was_block

    def _remember(self, sequence: int, share: tuple[Fraction, bool]) -> None:
        self._open[sequence] = share
        if len(self._open) > MAX_WAITING:
            self._open.popitem(last=False)

    def _take_back(self, sequence: int, reason: str) -> None:
        """Some acknowledgement meant another share than this one: the oldest that waits."""
        if sequence not in self._open or not self._waiting:
            raise RuleBroken(
                Rule.ANSWERED_ONCE, f"share {sequence} is refused as {reason!r} after it was answered"
            )
        self._exchange(sequence, min(self._waiting))

    def _recall(self, last: int, count: int) -> None:
        """Earlier acknowledgements meant later shares than we thought, if these are too few otherwise."""
        lacking = count - sum(sequence <= last for sequence in self._waiting)
        open_ones = [sequence for sequence in self._open if sequence <= last]
        later = [sequence for sequence in self._waiting if sequence > last]
        for sequence, meant in list(zip(open_ones, later, strict=False))[: max(0, lacking)]:
            self._exchange(sequence, meant)

    def _exchange(self, sequence: int, meant: int) -> None:
        share, other = self._open.pop(sequence), self._waiting.pop(meant)
        self._waiting[sequence], self._open[meant] = share, other
        self.accepted_difficulty += other[0] - share[0]

    def _check_sum(self, last: int, count: int, total: int) -> None:
        """Servers round per share or per batch, and some in floating point: one is granted for that."""
        meant = (self._waiting, self._open)
        all_of_them = sorted(share[0] for kept in meant for number, share in kept.items() if number <= last)
        lowest = sum(floor(each) for each in all_of_them[:count]) - 1
        highest = sum(ceil(each) for each in all_of_them[len(all_of_them) - count :]) + 1
        if not lowest <= total <= highest:
            raise RuleBroken(
                Rule.ACK_SUM,
                f"{count} shares are acknowledged with a difficulty of {total},"
                f" which is not from {max(lowest, 0)} to {highest}",
            )
