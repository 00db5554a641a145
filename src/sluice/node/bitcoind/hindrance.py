"""What keeps us from a node, in words: what is wrong, then the way out.

Rule: each fault and each error code of a node is one row; `passing` says whether waiting may mend it.
"""

from dataclasses import dataclass

from sluice.node.bitcoind.rpc import Access, Failure, Fault


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One sentence; `passing` if it may go away by itself or by what is done to the node."""

    reason: str
    passing: bool


def _waits(sentence: str) -> Hindrance:
    return Hindrance(sentence, passing=True)


def _stops(sentence: str) -> Hindrance:
    return Hindrance(sentence, passing=False)


FAULTS = {
    Fault.UNREACHABLE: _waits(
        "no node answers at {url} ({words}): start it with -server, or correct node.url; it is tried again"
    ),
    Fault.DROPPED: _waits(
        "what listens at {url} hangs up on {method} ({words}): if it is the node, start it again when it has "
        "ended; if it is not, correct node.url; it is tried again"
    ),
    Fault.SILENT: _waits(
        "what listens at {url} leaves {method} without an answer ({words}): if it is the node, look into its "
        "debug.log; if it is not, correct node.url; it is tried again"
    ),
    Fault.BUSY: _waits(
        "the node at {url} has too many calls waiting ({words}): raise its -rpcthreads and -rpcworkqueue, or "
        "let fewer programs ask it; it is tried again"
    ),
    Fault.NO_COOKIE: _waits(
        "there is no cookie file {cookie}: start the node, or name its cookie in node.cookie_file, or set "
        "node.user and node.password; it is tried again"
    ),
    Fault.BAD_COOKIE: _stops(
        "the cookie file {cookie} is of no use ({words}): name the node's own in node.cookie_file and let this "
        "user read it (its option -rpccookieperms=group), or set node.user and node.password"
    ),
    Fault.CREDENTIALS: _stops("the node at {url} does not accept {credentials}"),
    Fault.FORBIDDEN: _stops(
        "the node at {url} forbids {method} ({words}): allow this machine with its -rpcallowip, and the "
        "method if it has an -rpcwhitelist"
    ),
    Fault.FOREIGN: _stops(
        "what answers at {url} is not the RPC of a Bitcoin node ({words}): correct node.url; usual ports are "
        "main 8332, test 18332, testnet4 48332, signet 38332, regtest 18443"
    ),
    Fault.MALFORMED: _stops(
        "the node at {url} answers {method} as no Bitcoin node should ({words}): point node.url to Bitcoin "
        "Core 0.16 or newer"
    ),
    Fault.REFUSED: _waits(
        "the node at {url} refuses {method} with error {code}, {words!r}: look into its debug.log; it is "
        "tried again"
    ),
}

CODES = {  # Core's rpc/protocol.h
    -9: _waits(
        "the node at {url} is not connected to others, a block could not leave it ({words}): let it reach its "
        "peers (-addnode, the firewall); it is tried again"
    ),
    -10: _waits(
        "the node at {url} is still downloading the chain ({words}): let it finish; it is tried again"
    ),
    -28: _waits("the node at {url} is still starting ({words}): let it finish; it is tried again"),
    -32601: _stops(
        "what answers at {url} does not know {method} ({words}): it is a wallet or another service, or a "
        "node without mining; point node.url to Bitcoin Core 0.16 or newer"
    ),
}


def hindrance(failure: Failure, method: str, access: Access) -> Hindrance:
    """What a failed call to `method` means for a person."""
    row = FAULTS[failure.fault]
    if failure.fault is Fault.REFUSED:
        row = CODES.get(failure.code, row)
    reason = row.reason.format(
        url=access.url,
        cookie=access.cookie_file,
        credentials=_credentials(access),
        method=method,
        words=failure.words.strip(),
        code=failure.code,
    )
    return Hindrance(reason, row.passing)


def _credentials(access: Access) -> str:
    if access.user:
        return f"user {access.user!r} with the password given: correct node.user and node.password"
    return (
        f"the cookie in {access.cookie_file}: name the one in this node's own data directory in "
        "node.cookie_file, or set node.user and node.password"
    )
