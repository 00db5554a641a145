"""The channels of a connection, and the groups through which they are addressed (spec 5.2).

Rule: an id means one thing for as long as a connection lives; a message for an id that means nothing breaks the
protocol, except where our CloseChannel and the server's message may have crossed.
"""

from collections.abc import Iterable, Iterator

from sluice.sim.miner.client_channel import ClientChannel, overlap
from sluice.sim.miner.rules import Rule, RuleBroken


class ChannelMap:
    """Which channel an id stands for. Groups keep their id when their last member goes."""

    __slots__ = ("_channels", "_closed_by_server", "_closed_by_us", "_group_of", "_groups")

    def __init__(self) -> None:
        self._channels: dict[int, ClientChannel] = {}
        self._groups: dict[int, dict[int, ClientChannel]] = {}
        self._group_of: dict[int, int] = {}
        self._closed_by_us: set[int] = set()
        self._closed_by_server: set[int] = set()

    def __iter__(self) -> Iterator[ClientChannel]:
        return iter(self._channels.values())

    def __len__(self) -> int:
        return len(self._channels)

    def add(self, channel: ClientChannel) -> None:
        """A channel that was just opened."""
        channel_id, group_id = channel.terms.channel_id, channel.terms.group_id
        if channel_id in self._channels or channel_id in self._groups:
            raise RuleBroken(Rule.CHANNEL_ID_FREE, f"{channel} is opened with an id that is taken")
        self._check_group_id(group_id, (*self._channels, channel_id))
        self._closed_by_us.discard(channel_id)
        self._closed_by_server.discard(channel_id)
        self._channels[channel_id] = channel
        self.check_prefix(channel)
        self._join(group_id, channel)

    def check_prefix(self, channel: ClientChannel) -> None:
        """That no other channel has any of this one's search space."""
        for other in self:
            if other is not channel and overlap(other, channel):
                raise RuleBroken(
                    Rule.EXTRANONCE_OWN,
                    f"{channel} has extranonce prefix {channel.prefix.hex()}, {other} has {other.prefix.hex()}",
                )

    def check_size(self, channel: ClientChannel) -> None:
        """That the group of a channel agrees on the size of its extranonce."""
        group_id = self._group_of[channel.terms.channel_id]
        for other in self._groups[group_id].values():
            if other.full_extranonce_size != channel.full_extranonce_size:
                raise RuleBroken(
                    Rule.GROUP_SIZE,
                    f"in group {group_id}, {channel} has an extranonce of {channel.full_extranonce_size} bytes,"
                    f" {other} one of {other.full_extranonce_size}",
                )

    def find(self, channel_id: int) -> ClientChannel | None:
        """The channel of this id, if it is open."""
        return self._channels.get(channel_id)

    def one(self, channel_id: int) -> ClientChannel | None:
        """The channel of this id; None when we closed it, so that the message may have crossed that."""
        channel = self._channels.get(channel_id)
        if channel is None:
            self._check_closed(channel_id)
        return channel

    def addressed(self, any_id: int) -> tuple[ClientChannel, ...]:
        """The channels that a message for this id is for: one, or the members of a group."""
        if any_id in self._groups:
            return tuple(self._groups[any_id].values())
        channel = self.one(any_id)
        return () if channel is None else (channel,)

    def is_group(self, any_id: int) -> bool:
        """Whether the id is a group's."""
        return any_id in self._groups

    def regroup(self, group_id: int, channel_ids: Iterable[int]) -> None:
        """SetGroupChannel (spec 5.3.22)."""
        self._check_group_id(group_id, self._channels)
        self._groups.setdefault(group_id, {})
        for channel_id in channel_ids:
            channel = self.one(channel_id)
            if channel is not None:
                self._groups[self._group_of[channel_id]].pop(channel_id)
                self._join(group_id, channel)

    def close(self, any_id: int, *, by_server: bool) -> tuple[ClientChannel, ...]:
        """Forget a channel, or all of a group (spec 5.3.9); those that went."""
        gone = self.addressed(any_id)
        closed = self._closed_by_server if by_server else self._closed_by_us
        for channel in gone:
            channel_id = channel.terms.channel_id
            del self._channels[channel_id]
            self._groups[self._group_of.pop(channel_id)].pop(channel_id)
            closed.add(channel_id)
        return gone

    def _join(self, group_id: int, channel: ClientChannel) -> None:
        self._groups.setdefault(group_id, {})[channel.terms.channel_id] = channel
        self._group_of[channel.terms.channel_id] = group_id
        self.check_size(channel)

    def _check_group_id(self, group_id: int, channel_ids: Iterable[int]) -> None:
        if group_id in channel_ids:
            raise RuleBroken(Rule.GROUP_ID_FREE, f"group {group_id} has the id of a channel")

    def _check_closed(self, channel_id: int) -> None:
        if channel_id in self._closed_by_server:
            raise RuleBroken(
                Rule.CHANNEL_CLOSED, f"a message for channel {channel_id}, which the server closed"
            )
        if channel_id not in self._closed_by_us:
            raise RuleBroken(Rule.CHANNEL_KNOWN, f"a message for channel {channel_id}, which does not exist")
