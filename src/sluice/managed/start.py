"""How a blvm-node starts a module: what it says in the environment (blvm-node, module/process/spawner.rs).

Rule: paths may be relative to the node's directory, in which we are started; they are made whole at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sluice.blvm.connection import Identity
from sluice.exit_codes import ExitCode, UserError
from sluice.version import VERSION

VARIABLES = ("MODULE_ID", "MODULE_NAME", "SOCKET_PATH", "DATA_DIR")


class NotStartedByANode(UserError):
    """Somebody else than a node has started us."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Start:
    """Who we are to the node, where it listens, and where our files are."""

    module_id: str
    module_name: str
    socket: Path
    data_dir: Path

    @property
    def identity(self) -> Identity:
        """As the node has started us."""
        return Identity(self.module_id, self.module_name, VERSION)

    def options(self, *, loaded: bool = False, credentials: bool = False) -> Mapping[str, object]:
        """What follows for our own configuration.

        `loaded`: our name has the manifest's permissions, our id has none. `credentials`: there are some for the
        node's JSON-RPC, which it does not hand down; blocks go that way too then, and whole templates come by it.
        """
        permitted = "yes" if loaded else "no"
        return {
            "node.kind": "blvm",
            "node.socket": str(self.socket),
            "node.module_id": self.module_name if loaded else self.module_id,
            "node.module_name": self.module_name,
            "node.submit": "both" if credentials else "queue_received_block",
            "node.publish_events": permitted,
            "node.module_api": permitted,
            "data.dir": str(self.data_dir),
            "log.format": "json",
        }


def start_of(environ: Mapping[str, str]) -> Start:
    """What the node has said. Raises NotStartedByANode."""
    missing = [name for name in VARIABLES if not environ.get(name)]
    if missing:
        raise NotStartedByANode(
            f"{', '.join(missing)} not set: this program is started by a blvm-node, which says so in its environment; "
            "to run Sluice yourself, `sluice run`"
        )
    module_id, module_name, socket, data_dir = (environ[name] for name in VARIABLES)
    return Start(module_id, module_name, Path(socket).absolute(), Path(data_dir).absolute())
