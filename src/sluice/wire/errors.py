"""What can go wrong on a wire.

    ProtocolError
     ├── RemoteProtocolError   the peer broke the rules: final, the connection is to be closed
     └── LocalProtocolError    we were about to break them: nothing was sent, the wire is still whole

Any other exception that leaves this room is a bug. A message that is merely refused is no error here:
it is a value (`sv2.connection.Refused`, or an answer of the pool).
"""


class ProtocolError(Exception):
    """A rule of the protocol is broken; raised as one of the two below once it is known by whom."""


class RemoteProtocolError(ProtocolError):
    """The peer's bytes are not of its protocol, or not at this moment."""


class LocalProtocolError(ProtocolError):
    """A message of ours that cannot be sent: a value that does not fit, or not at this moment."""
