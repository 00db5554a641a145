"""The files that a page brings along: style, scripts, the icon. In memory, packed once.

Rule: an address has the hash of what is behind it, so that a browser asks once and then never again, and always has
what belongs to the page.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

TYPES: Mapping[str, str] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"
HASH_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and packed."""

    path: str
    media_type: str
    plain: bytes
    packed: bytes


def _assets(directory: Traversable, under: str = "") -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for entry in directory.iterdir():
        name = f"{under}{entry.name}"
        if entry.is_dir():
            found |= _assets(entry, f"{name}/")
        elif media_type := TYPES.get(entry.name.rpartition(".")[2]):
            plain = entry.read_bytes()
            digest = sha256(plain).hexdigest()[:HASH_LETTERS]
            path = f"/static/{digest}/{name.replace('/', '-')}"
            found[name] = Asset(path, media_type, plain, gzip.compress(plain, 9, mtime=0))
    return found


ASSETS: Mapping[str, Asset] = _assets(files("sluice.web") / "static")
_BY_PATH = {asset.path: asset for asset in ASSETS.values()}


def path_of(name: str) -> str:
    """Where a page finds the file that is called so in static/."""
    return ASSETS[name].path


@get("/static/{digest:str}/{name:str}", include_in_schema=False, sync_to_thread=False)
def asset(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """One of them."""
    found = _BY_PATH.get(f"/static/{digest}/{name}")
    if found is None:
        raise NotFoundException
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(found.packed if packed else found.plain, headers=headers, media_type=found.media_type)
