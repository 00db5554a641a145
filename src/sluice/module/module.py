"""The module as the node calls it: a command line, a method for other modules.

Rule: an answer is made at once, from the sight that is given with the call; what a command wants changed comes out
as an input for the pool.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sluice.blvm.modules import Call, CliCall, CliResult, ModuleApiCall, ModuleApiResult, Result, RpcCall
from sluice.module.api import ModuleApi
from sluice.module.commands import run_command
from sluice.module.request import Refusal
from sluice.module.sight import Sight
from sluice.pool.inputs import Input


class Answer(NamedTuple):
    """What the node gets, or why it gets nothing; what is to be fed to the pool."""

    result: Result | str
    wanted: Input | None = None


class Module:
    """The brain. Mutable: other modules' registrations are kept; one owner."""

    __slots__ = ("api",)

    def __init__(self) -> None:
        self.api = ModuleApi()

    def answer(self, call: Call, sight: Sight) -> Answer:
        """What comes of a call of the node's."""
        return _ANSWERS[type(call)](self, call, sight)

    def _command(self, call: CliCall, sight: Sight) -> Answer:
        printed = run_command(sight, call.subcommand, call.args)
        return Answer(CliResult(printed.stdout, printed.stderr, printed.exit_code), printed.wanted)

    def _method(self, call: ModuleApiCall, sight: Sight) -> Answer:
        try:
            return Answer(ModuleApiResult(self.api.call(sight, call.method, call.params)))
        except Refusal as refusal:
            return Answer(str(refusal))

    def _rpc(self, call: RpcCall, sight: Sight) -> Answer:
        # Its parameters cannot be read and its answer could not be: both are JSON inside bincode.
        return Answer(f"{call.method} is no RPC method of this module")


_ANSWERS: Mapping[type[Call], Callable[[Module, Any, Sight], Answer]] = {
    CliCall: Module._command,
    ModuleApiCall: Module._method,
    RpcCall: Module._rpc,
}
