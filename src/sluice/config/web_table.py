"""The options of the web side: a section by itself, as `table.py` is long enough.

Rule: as in `table.py`.
"""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from sluice.config.option import row, section
from sluice.config.values import Endpoint, Form, parse_endpoint
from sluice.web.limits.networks import networks

OFF = "off"


def check_listen(text: str) -> None:
    """`host:port`, or the word that there is none."""
    if text != OFF:
        try:
            parse_endpoint(text)
        except ValueError as error:
            raise ValueError(f'{error}, or "{OFF}"') from error


def check_site(text: str) -> None:
    """Where a web site begins, or nothing."""
    wanted = "must be like https://pool.example.org"
    try:
        url = urlsplit(text)
        valid = not text or (url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0)
    except ValueError as error:
        raise ValueError(wanted) from error
    if not valid or url.query or url.fragment or url.username is not None or any(map(str.isspace, text)):
        raise ValueError(wanted)


def check_networks(text: str) -> None:
    """Networks with commas between them, or nothing."""
    networks(text)


Site = Annotated[str, Form("a URL", check_site)]


@section
class Web:
    """What a browser, a screen of a device and a monitoring system can see."""

    listen: Annotated[str, Form(f'host:port, or "{OFF}"', check_listen)] = row(
        "Where the dashboard, the API and the metrics are served, by a process of its own. It has no passwords: "
        "let only those reach it who may know your miners.",
        default="127.0.0.1:8080",
        example="0.0.0.0:8080",
        flag="--web-listen",
    )
    public_url: Site = row(
        "What people type to get there, if it is behind a proxy or has a name: requests for any other name are "
        "refused, but for this machine's own and for numeric addresses.",
        default="",
        example="https://pool.example.org",
        flag="--web-public-url",
    )
    explorer_url: Site = row(
        "A block explorer to link blocks to (/block/HASH is added). Without it no page leads elsewhere.",
        default="",
        example="https://explorer.example.org",
        flag="--web-explorer-url",
    )
    operator_key_file: Path = row(
        "The key without which nothing can be changed over the web, in the data directory unless the path is "
        "absolute. While there is no such file, nothing can.",
        default=Path("operator.key"),
        flag="--web-operator-key-file",
    )
    requests_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = row(
        "Requests a minute from one address (of IPv6, one /64); more are told to wait. This machine may ask for 25.",
        default=1_200,
        flag="--web-requests-per-minute",
    )
    open_per_address: Annotated[int, Meta(ge=1, le=10_000)] = row(
        "Requests that one address may have open at once; a page that is kept up to date is one.",
        default=32,
        flag="--web-open-per-address",
    )
    trusted_proxies: Annotated[
        str, Form("addresses and networks with commas between them", check_networks)
    ] = row(
        "Reverse proxies whose X-Forwarded-For says who asks. Without it all who come through a proxy are one; only name "
        "one that writes this header itself.",
        default="",
        example="127.0.0.1, ::1, 10.0.0.2",
        flag="--web-trusted-proxies",
    )
    max_streams: Annotated[int, Meta(ge=1, le=10_000)] = row(
        "Open pages that are kept up to date at the same time; the others show what was so when they were loaded.",
        default=2_000,
        flag="--web-max-streams",
    )

    @property
    def endpoint(self) -> Endpoint | None:
        """Where to listen; None is nowhere."""
        return None if self.listen == OFF else parse_endpoint(self.listen)
