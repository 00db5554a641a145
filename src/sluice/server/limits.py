"""What a connection may cost before it has proved anything, with the reason beside each bound.

Rule: the sender pays; whoever breaks a bound is closed, and nobody else notices.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the listener."""

    #: Open sockets at once; each costs some KiB here and in the kernel.
    max_connections: int = 20_000
    #: Seconds after which text that does not end its line is taken for what it seems to be.
    opening_seconds: float = 1.0
    #: Seconds to finish the Noise handshake: two packets.
    handshake_seconds: float = 10.0
    #: Bytes waiting for a peer, beyond which nothing more is read from it. A job is some KiB.
    send_queue_bytes: int = 262_144
    #: Seconds that its queue may stay beyond that: jobs go on being added, and an honest peer reads.
    stall_seconds: float = 10.0
    #: Seconds for the last words to a peer whose connection we end.
    parting_seconds: float = 5.0
    #: Seconds that a process which ends waits for its miners to leave by themselves.
    drain_seconds: float = 2.0
