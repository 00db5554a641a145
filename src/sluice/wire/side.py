"""The two ends of a connection."""

from enum import Enum


class Side(Enum):
    """Who sends a message. EITHER stands in declarations only."""

    CLIENT = "client"
    SERVER = "server"
    EITHER = "either"

    @property
    def peer(self) -> "Side":
        """The other end of a connection."""
        return {Side.CLIENT: Side.SERVER, Side.SERVER: Side.CLIENT}[self]
