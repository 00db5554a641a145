"""How to connect a miner: the URL with the key, the user name, what to do with a device that speaks Stratum V1."""

from functools import lru_cache
from io import BytesIO

import segno

from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked

#: Error correction that outlives a dirty lens; the code stays below 45 squares a side.
_CORRECTION = "m"
#: How an address begins, by the name of its network; on the test networks all alike.
_ADDRESSES = {MAINNET.name: "bc1q", REGTEST.name: "bcrt1q"}


async def connect(sight: Sight, _asked: Asked) -> dict[str, object]:
    """The parts of the URL, for devices that ask for each by itself, and how an address begins here."""
    picture = await sight.first()
    url = picture.url if picture else ""
    place, _, key = url.partition("://")[2].partition("/")
    host, _, port = place.rpartition(":")
    example = _ADDRESSES.get(picture.network if picture else "", "tb1q")
    return {"host": host, "port": port, "key": key, "example": example}


@lru_cache(maxsize=4)
def qr_code(url: str) -> bytes:
    """The URL as an SVG, dark on light as cameras want it. ValueError if it is too long."""
    out = BytesIO()
    segno.make(url, error=_CORRECTION, micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, dark="#000000", light="#ffffff", omitsize=True
    )
    return out.getvalue()
