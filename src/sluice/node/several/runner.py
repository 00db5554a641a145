"""One of several nodes as the race sees it: what it offered last, since when, and how its chain stands to ours.

Rule: it remembers and answers; what follows is decided in `race.py`.
"""

from collections.abc import Mapping

from sluice.node.several.kinship import Relation
from sluice.node.several.standing import State
from sluice.work.template import Template

#: Tips of a node that are remembered, to see which nodes are on one chain: a day of mainnet.
REMEMBERED = 144


class Runner:
    """Mutable; the race owns it. Times are steady seconds."""

    __slots__ = (
        "behind_since",
        "came_from",
        "heard_at",
        "lag",
        "name",
        "offered_at",
        "relation",
        "state",
        "state_since",
        "template",
        "tip_since",
        "tips",
        "told",
        "told_at",
        "told_why",
        "trouble",
        "trouble_at",
        "unusable",
    )

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.template: Template | None = None
        self.offered_at = now
        #: The same for trouble.
        self.heard_at = now
        #: When it came to its tip, and from which one.
        self.tip_since = now
        self.came_from: bytes = b""
        #: Its tips, by height.
        self.tips: dict[int, bytes] = {}
        #: How much later than the first it heard of its last tip.
        self.lag: float | None = None
        #: How its tip stands to the leading one, for these two tips; None while it is being found out.
        self.relation: tuple[bytes, bytes, Relation | None] | None = None
        self.trouble = ""
        self.trouble_at = now
        #: It cannot be used at all, until it is started anew.
        self.unusable = False
        #: Since when it has not been on the leading tip; None if it is.
        self.behind_since: float | None = now
        self.state = State.WAITING
        self.state_since = now
        #: The state of which people were told last, if it is worth an end; and when.
        self.told: State | None = None
        self.told_why = ""
        self.told_at = now

    @property
    def runs(self) -> bool:
        """Whether what it offered last can be mined."""
        return self.template is not None and not self.trouble

    @property
    def tip(self) -> bytes:
        """The block it builds on; empty before its first template."""
        return b"" if self.template is None else self.template.prev_hash

    @property
    def height(self) -> int:
        """Of the block to be found on its tip."""
        return 0 if self.template is None else self.template.height

    @property
    def nbits(self) -> int:
        """Of the block to be found."""
        return 0 if self.template is None else self.template.nbits

    @property
    def reward(self) -> int:
        """Satoshis."""
        return 0 if self.template is None else self.template.coinbase_value

    def take(self, template: Template, now: float) -> None:
        """It offers this."""
        if template.prev_hash != self.tip:
            if template.height != self.height + 1:
                self.tips.clear()  # whether what it was on is below what it is on, it did not show
            self.came_from, self.tip_since = self.tip, now
            self.tips[template.height] = template.prev_hash
            if len(self.tips) > REMEMBERED:
                del self.tips[min(self.tips)]
        self.template = template
        self.offered_at = self.heard_at = now
        self.trouble, self.unusable = "", False

    def fail(self, reason: str, now: float) -> None:
        """It has nothing for us."""
        if not self.trouble:
            self.trouble_at = now
        self.trouble, self.heard_at = reason, now

    def related(self, lead_tip: bytes) -> Relation | None:
        """How its tip stands to this one, as far as it was found out."""
        if self.relation is not None and self.relation[:2] == (self.tip, lead_tip):
            return self.relation[2]
        return None


def agree(one: Mapping[int, bytes], other: Mapping[int, bytes]) -> bool:
    """Whether two nodes' tips show them on one chain: by the highest that both have been on."""
    common = one.keys() & other.keys()
    return bool(common) and one[max(common)] == other[max(common)]
