"""A group channel: one job for many channels of a connection (spec 5.2.3).

Rule: its id comes from the same space as the channels'; every member has the same full extranonce size, which here
is one constant for all, and the same payee, as one coinbase is for all.
"""

from collections.abc import Callable

#: The group that the first channel of a connection joins when it opens; peers expect this number.
FIRST_GROUP_ID = 1


class Groups:
    """The group channels of one connection. Mutable; one owner."""

    __slots__ = ("members", "payees")

    def __init__(self) -> None:
        #: Channel ids by group id; a group without members gets no jobs.
        self.members: dict[int, set[int]] = {}
        #: Whom its jobs pay, by group id.
        self.payees: dict[int, bytes] = {}

    def home(self, payee: bytes, new_id: Callable[[], int]) -> int:
        """The group that a channel of this payee joins when it opens: the first, one that is there, or a new one."""
        if self.payees.get(FIRST_GROUP_ID, payee) == payee:
            return FIRST_GROUP_ID
        there = (group_id for group_id, paid in self.payees.items() if paid == payee)
        return next(there, None) or new_id()

    def join(self, group_id: int, channel_id: int, payee: bytes = b"") -> None:
        """`channel_id` is in `group_id` from now on, and in no other."""
        self.leave(channel_id)
        self.members.setdefault(group_id, set()).add(channel_id)
        self.payees[group_id] = payee

    def leave(self, channel_id: int) -> None:
        """`channel_id` is in no group any more; a group that becomes empty is forgotten."""
        for group_id, channel_ids in list(self.members.items()):
            channel_ids.discard(channel_id)
            if not channel_ids:
                del self.members[group_id], self.payees[group_id]
