"""The options of a node: a section by itself, as there may be several of them.

Rule: as in `table.py`; an option that counts for some kinds only says so in its row.
"""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from sluice.config.option import row, section
from sluice.config.values import NodeName, NodeUrl, ZmqUrl


@section
class Node:
    """A Bitcoin node that gives templates and takes blocks. For several, write [[node]] above each."""

    kind: Literal["bitcoind", "blvm", "template_provider", "embedded"] = row(
        "A real node over JSON-RPC; a blvm-node over its module socket; a template provider over Stratum V2, such as "
        "`sluice templates`; or a made-up regtest chain in this process, for trying things out.",
        default="bitcoind",
        flag="--node",
    )
    name: NodeName = row(
        "What log and dashboard call it; left out, it is the kind, with a number from the second of a kind on.",
        default="",
        example="cellar",
        flag="--node-name",
    )
    network: Literal["auto", "main", "test", "testnet4", "signet", "regtest"] = row(
        "The network that the node must be on; auto takes whichever it is. Naming it lets the address be "
        "checked without the node. A template provider cannot tell: it must be named for one of the nodes.",
        default="auto",
    )
    refresh_seconds: Annotated[float, Meta(ge=1, le=3_600, extra={"unit": "seconds"})] = row(
        "How often a fresh template is asked for while the tip stays, to take in new fees.", default=30.0
    )
    block_seconds: Annotated[float, Meta(ge=1, le=3_600, extra={"unit": "seconds"})] = row(
        "How far apart the blocks of the embedded chain are on average; its difficulty follows.",
        default=10.0,
        kinds="embedded",
    )
    url: NodeUrl = row(
        "The node's JSON-RPC; its usual ports are main 8332, test 18332, testnet4 48332, signet 38332, regtest "
        "18443. A template provider's is stratum2+tcp://host:port/KEY; without KEY, whoever answers is believed.",
        default="http://127.0.0.1:8332",
        flag="--node-url",
        kinds="bitcoind blvm template_provider",
    )
    encryption: Literal["noise", "none"] = row(
        "How a template provider is spoken to. Without encryption nobody can be told from an impostor: on this "
        "machine only, or where every cable is yours.",
        default="noise",
        flag="--node-encryption",
        kinds="template_provider",
    )
    user: str = row(
        "RPC user, if the node has one. With a user, the cookie file is not read.",
        default="",
        flag="--node-user",
        kinds="bitcoind blvm",
    )
    password: str = row(
        "RPC password. It has no flag, as everyone can read a command line.",
        default="",
        secret=True,
        kinds="bitcoind blvm",
    )
    cookie_file: Path = row(
        "The file in which a node without RPC user keeps its credentials, in the data directory of its "
        "network.",
        default=Path("~/.bitcoin/.cookie"),
        example="~/.bitcoin/regtest/.cookie",
        kinds="bitcoind blvm",
    )
    zmq_hashblock: ZmqUrl = row(
        "The node's -zmqpubhashblock. A block is heard of a little sooner than by long polling, which goes on "
        "beside it.",
        default="",
        example="tcp://127.0.0.1:28332",
        kinds="bitcoind",
    )
    socket: Path = row(
        "The module socket of a blvm-node: node.sock in the socket_dir of its [modules]. Sluice must run as the node's "
        "user, and be the only module that is not part of the node.",
        default=Path("data/modules/sockets/node.sock"),
        example="/var/lib/blvm/modules/sockets/node.sock",
        flag="--node-socket",
        kinds="blvm",
    )
    module_name: str = row(
        "What Sluice calls itself there.",
        default="blvm-stratum-v2",
        example="blvm-stratum-v2",
        flag="--node-module-name",
        kinds="blvm",
    )
    module_id: str = row(
        "The id it shakes hands with, by which the node looks permissions up; left out, it is the name.",
        default="",
        example="blvm-stratum-v2",
        flag="--node-module-id",
        kinds="blvm",
    )
    submit: Literal["submitblock", "queue_received_block", "both", "submit_block"] = row(
        "How a blvm-node is given blocks: by its JSON-RPC at url; over the module socket, if it permits "
        "queue_inbound_block; or both. submit_block works on no published node. The JSON-RPC is used for nothing but "
        "blocks and transactions, and left alone if blocks do not go there.",
        default="submitblock",
        flag="--node-submit",
        kinds="blvm",
    )
    transactions: Literal["offered", "none"] = row(
        "Whether to mine the transactions that a blvm-node offers. Asking for them makes it read all unspent coins, "
        "which takes long on mainnet; with none, blocks pay the subsidy alone.",
        default="offered",
        flag="--node-transactions",
        kinds="blvm",
    )
    publish_events: Literal["no", "yes"] = row(
        "Whether a blvm-node is told of jobs, miners and shares. Needs its permission publish_events, which it gives no "
        "module that attaches itself: it would end the connection.",
        default="no",
        kinds="blvm",
    )
    module_api: Literal["no", "yes"] = row(
        "Whether other modules of a blvm-node may call this one. Needs its permission register_module_api.",
        default="no",
        kinds="blvm",
    )
    datum: Literal["no", "yes"] = row(
        "Whether a blvm-node's DATUM module says whom to pay. Needs its permissions discover_modules and call_module.",
        default="no",
        kinds="blvm",
    )
    peer_miners: Literal["no", "yes"] = row(
        "Whether miners of blvm-stratum-v2's dialect are served that reach a blvm-node as its peers. Needs its permission "
        "network_access; best effort, as the node does not tell when one has gone.",
        default="no",
        kinds="blvm",
    )
