"""The templates that a provider has on show: the one on this tip, the empty one ahead, and all that were given out.

Rule: a number once given out means the same block for as long as anybody can find it (spec 7: providers MUST track
the work which they provided). The newest two tips are kept; what a node calls stale is for the node to say.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sluice.tdp.constraints import Constraints
from sluice.tdp.fit import fitted
from sluice.work.template import Template, empty_successor

#: Templates given out and kept: hours of fee growth for a dozen clients of different needs. They share their
#: transactions, so that one more is some 100 KiB.
MOST_SHOWN = 2_048


@dataclass(frozen=True, slots=True)
class Shown:
    """A template under the number by which clients know it."""

    template_id: int
    template: Template


class Shelf:
    """Mutable; one owner."""

    __slots__ = ("_fits", "_new_id", "_shown", "_subsidy", "ahead", "current", "latest")

    def __init__(self, subsidy: Callable[[int], int], new_id: Callable[[], int]) -> None:
        """`subsidy` is what a block of a height creates, in satoshis; `new_id` gives ever larger numbers."""
        self._subsidy = subsidy
        self._new_id = new_id
        #: What clients have, whole; None before the first.
        self.current: Template | None = None
        #: The newest of the node, which may not be worth a message yet.
        self.latest: Template | None = None
        #: The empty template for the next height, which every client has.
        self.ahead: Shown | None = None
        self._fits: dict[Constraints, Shown] = {}
        self._shown: dict[int, Template] = {}

    def is_new_tip(self, template: Template) -> bool:
        """Whether it builds on another block, or on another target, than what clients have."""
        now = self.current
        return now is None or (now.prev_hash, now.nbits) != (template.prev_hash, template.nbits)

    def turn(self, template: Template) -> Shown | None:
        """The tip moved. What was sent ahead for it, with the tip that it has now; None if nothing was."""
        template, before, ahead = self._shared(template), self.current, self.ahead
        self.current = self.latest = template
        self._fits.clear()
        kept = {template.prev_hash, before.prev_hash if before else None}
        self._shown = {number: each for number, each in self._shown.items() if each.prev_hash in kept}
        self.ahead = None
        if ahead is None or ahead.template.height != template.height:
            return None
        tip = {name: getattr(template, name) for name in ("prev_hash", "nbits", "min_ntime", "ntime")}
        return self._show(ahead.template_id, replace(ahead.template, **tip))

    def look_ahead(self) -> Shown:
        """The empty template for the height after this one, made once; not to be mined before its tip is there."""
        assert self.current is not None  # the first one has come
        if self.ahead is None:
            empty = empty_successor(self.current, self._subsidy(self.current.height + 1))
            self.ahead = Shown(self._new_id(), empty)
        return self.ahead

    def hold(self, template: Template) -> int:
        """A newer one on the same tip; how many satoshis it pays more than what clients have."""
        assert self.current is not None
        self.latest = self._shared(template)
        return template.coinbase_value - self.current.coinbase_value

    def renew(self) -> None:
        """What is newest is what clients get from now on."""
        self.current = self.latest
        self._fits.clear()

    def fit(self, constraints: Constraints) -> Shown:
        """What clients of these needs get."""
        assert self.current is not None
        known = self._fits.get(constraints)
        if known is None:
            cut = fitted(self.current, constraints, self._subsidy(self.current.height))
            known = self._fits[constraints] = self._show(self._new_id(), cut)
        return known

    def find(self, template_id: int) -> Template | None:
        """What was given out under a number, if its tip was ever there."""
        return self._shown.get(template_id)

    def _show(self, template_id: int, template: Template) -> Shown:
        self._shown[template_id] = template
        if len(self._shown) > MOST_SHOWN:
            del self._shown[next(iter(self._shown))]
        return Shown(template_id, template)

    def _shared(self, template: Template) -> Template:
        """The same, its transactions the very objects of the one before where they are equal."""
        if self.latest is None:
            return template
        known = {raw: raw for raw in self.latest.transactions}
        return replace(template, transactions=tuple(known.get(raw, raw) for raw in template.transactions))
