"""A server's refusal as a sentence for people.

Rule: the server's own code stands in it as it came; the way out follows where we know one.
"""

from sluice.sv2.codes import INVALID_USER_IDENTITY, UNKNOWN_USER

_NAMES = "most pools take an address of their network, or address.worker, as --user"
_WAYS_OUT = {INVALID_USER_IDENTITY: _NAMES, UNKNOWN_USER: _NAMES}


def not_opened(user: str, error_code: str) -> str:
    """What OpenMiningChannel.Error (spec 5.3.6) says to who asked for a channel as `user`."""
    way_out = _WAYS_OUT.get(error_code)
    return f"the server opens no channel for {user!r}: {error_code}" + (f" ({way_out})" if way_out else "")
