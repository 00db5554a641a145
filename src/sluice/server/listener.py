"""A listening socket whose connections become pumps.

Rule: an address that cannot be had is one clear sentence.
"""

import asyncio
import errno
from collections.abc import Callable
from socket import gaierror
from typing import cast

from sluice.noise.handshake import Responder
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.loop import Owner
from sluice.server.pump import BufferedPump, Pump, StreamPump

#: Connections the kernel keeps for us while we are busy: a pool's miners all come back at once.
BACKLOG = 4_096

_WAY_OUT = {
    errno.EADDRINUSE: "another program listens there; end it, or choose another port with {flag}",
    errno.EACCES: "ports below 1024 are for the administrator; choose a higher one with {flag}",
    errno.EADDRNOTAVAIL: "this machine does not have that address; 0.0.0.0 means all it has",
    errno.EAFNOSUPPORT: "this machine has no IPv6; 0.0.0.0 means all its other addresses",
}
_NO_ADDRESS = "the name stands for no address; 0.0.0.0 means all that this machine has"


class ListenError(Exception):
    """The address cannot be listened on; the text names the way out."""


def pump_class(loop: asyncio.AbstractEventLoop) -> type[Pump]:
    """The form of pump that suits `loop`."""
    return StreamPump if type(loop).__module__.startswith("uvloop") else BufferedPump


async def listen(
    owner: Owner, credentials: Credentials, host: str, port: int, entropy: Callable[[int], bytes]
) -> asyncio.Server:
    """Accept connections of miners, whichever wire they speak. Raises ListenError."""
    kind = pump_class(asyncio.get_running_loop())

    def shake() -> Responder:
        return Responder(credentials.at(unix_time()), entropy(32), entropy(32))

    return await bind(lambda: owner.new_pump(kind, shake), host, port)


async def bind(accept: Callable[[], Pump], host: str, port: int, flag: str = "--listen") -> asyncio.Server:
    """A listening socket that makes a pump for each connection. Raises ListenError, which names the flag."""
    protocol = cast(Callable[[], asyncio.BaseProtocol], accept)
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        return await asyncio.get_running_loop().create_server(protocol, host, port, backlog=BACKLOG)
    except (gaierror, UnicodeError) as error:
        raise ListenError(f"cannot listen on {where}: {_NO_ADDRESS}") from error
    except OSError as error:
        reason = _WAY_OUT.get(error.errno or 0, error.strerror or str(error)).format(flag=flag)
        raise ListenError(f"cannot listen on {where}: {reason}") from error
